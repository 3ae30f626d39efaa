import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from './public-address.ts';

/** Resolves a name to all of its addresses, as `dns.lookup` does with `all`. */
export type Resolve = (
  hostname: string,
  callback: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
) => void;

const systemResolve: Resolve = (hostname, callback) => lookup(hostname, { all: true }, callback);

/** A name, or an address written out, leads where this callee does not go. */
export class AddressRefusedError extends Error {
  constructor(host: string, address: string) {
    super(`"${host}" leads to the address ${address}, which is not of the public internet`);
    this.name = 'AddressRefusedError';
  }
}

/**
 * The look-up of a connection that goes to the public internet only. It is the connection's own: what was checked is
 * what is connected to, so a name cannot be pointed elsewhere in between. One address that is not public is enough.
 */
export function guardedLookup(resolve: Resolve = systemResolve): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, (error, addresses) => {
      if (error) return callback(error, '');
      const wanted = [4, 6].includes(Number(options.family))
        ? addresses.filter(({ family }) => family === options.family)
        : addresses;
      const refused = addresses.find(({ address }) => !isPublicAddress(address));
      if (refused) return callback(new AddressRefusedError(hostname, refused.address), '');
      const [first] = wanted;
      if (!first)
        return callback(Object.assign(new Error(`"${hostname}" has no address`), { code: 'ENOTFOUND' }), '');
      if (options.all) return callback(null, [...wanted]);
      return callback(null, first.address, first.family);
    });
  };
}
