import { ActionSet } from './action-set.ts';
import type { ActionCatalog } from './catalog.ts';
import { indexOfCatalog } from './catalog-index.ts';

/**
 * The actions by which a principal takes a role. Others in a trust policy (`sts:TagSession`,
 * `sts:SetSourceIdentity`) only go with them.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html
 */
const TRUST_ACTIONS = ['sts:assumerole', 'sts:assumerolewithsaml', 'sts:assumerolewithwebidentity'];

/** {@link TRUST_ACTIONS} as ids of a catalog. */
export function trustActions(catalog: ActionCatalog): ActionSet {
  const set = ActionSet.empty(indexOfCatalog(catalog).size);
  for (const action of TRUST_ACTIONS) {
    const id = catalog.idOf(action);
    if (id !== undefined) set.add(id);
  }
  return set;
}
