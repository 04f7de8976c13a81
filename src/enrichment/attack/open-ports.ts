import { isObject, type JsonObject, readMember, readString } from '../../cloudtrail/json.ts';

const MAX_PERMISSIONS = 256;
const WORLD: ReadonlySet<string> = new Set(['0.0.0.0/0', '::/0']);

/**
 * True when a security group call opens one of `ports` to the whole internet: the range and the port must
 * stand in the same permission. Reads the nested form (`ipPermissions.items[]`) and the flat one
 * (`cidrIp`, `fromPort`, `toPort` at the top); protocol `-1` means all ports.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html
 */
export function opensPortToWorld(parameters: JsonObject, ports: readonly number[]): boolean {
  if (isOpen(parameters, [readString(parameters, 'cidrIp')], ports)) return true;
  const items = readMember(readMember(parameters, 'ipPermissions'), 'items');
  if (!Array.isArray(items)) return false;
  return items
    .slice(0, MAX_PERMISSIONS)
    .filter(isObject)
    .some((item) =>
      isOpen(
        item,
        [...rangesOf(item, 'ipRanges', 'cidrIp'), ...rangesOf(item, 'ipv6Ranges', 'cidrIpv6')],
        ports,
      ),
    );
}

function rangesOf(permission: JsonObject, list: string, member: string): (string | undefined)[] {
  const items = readMember(readMember(permission, list), 'items');
  return Array.isArray(items) ? items.slice(0, MAX_PERMISSIONS).map((item) => readString(item, member)) : [];
}

function isOpen(
  permission: JsonObject,
  ranges: readonly (string | undefined)[],
  ports: readonly number[],
): boolean {
  if (!ranges.some((range) => range !== undefined && WORLD.has(range))) return false;
  if (readString(permission, 'ipProtocol') === '-1') return true;
  const from = Number(readMember(permission, 'fromPort'));
  const to = Number(readMember(permission, 'toPort') ?? from);
  return ports.some((port) => port >= from && port <= to);
}
