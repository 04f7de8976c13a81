/**
 * Services whose customers' code runs with the roles it is given: whoever may place code there takes the
 * role.
 */
const COMPUTE_SERVICES = new Set([
  'apprunner',
  'batch',
  'bedrock-agentcore',
  'build.apprunner',
  'cloud9',
  'cloudformation',
  'codebuild',
  'codecatalyst-runner',
  'codedeploy',
  'codepipeline',
  'datapipeline',
  'ec2',
  'ecs',
  'ecs-tasks',
  'eks',
  'eks-fargate-pods',
  'elasticbeanstalk',
  'elasticmapreduce',
  'emr-serverless',
  'gamelift',
  'glue',
  'imagebuilder',
  'kinesisanalytics',
  'lambda',
  'lambda.alexa',
  'lightsail',
  'omics',
  'pods.eks',
  'sagemaker',
  'ssm',
  'states',
  'tasks.apprunner',
]);

/** True for `ec2.amazonaws.com`, `lambda.us-east-1.amazonaws.com`, `ec2.amazonaws.com.cn` and their like. */
export function isComputeService(principal: string): boolean {
  const host = principal.toLowerCase().replace(/\.amazonaws\.com(\.cn)?$/, '');
  if (host.length === principal.length) return false;
  return COMPUTE_SERVICES.has(host) || COMPUTE_SERVICES.has(host.replace(/\.[a-z]{2}(-[a-z]+)+-\d$/, ''));
}
