import { isNativeError } from 'node:util/types';

// Tests run in a realm of their own, where an error of Node's is no `instanceof Error`. Libraries that ask
// this way would behave unlike in a service: Connect, for one, takes a caller who leaves for a fault.
const ordinary = Function.prototype[Symbol.hasInstance];

Object.defineProperty(Error, Symbol.hasInstance, {
  configurable: true,
  value(candidate) {
    return ordinary.call(this, candidate) || (this === Error && isNativeError(candidate));
  },
});
