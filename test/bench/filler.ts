/** The user whose calls fill a store before something is measured. */
export const FILLER = {
  type: 'IAMUser',
  arn: 'arn:aws:iam::637129261941:user/filler',
  accountId: '637129261941',
  accessKeyId: 'AKIAFILLFILLFILL0000',
  userName: 'filler',
} as const;
