import type { Validator } from '@bufbuild/protovalidate';
import type { Interceptor } from '@connectrpc/connect';
import { createValidateInterceptor } from '@connectrpc/validate';

/**
 * Checks every request message against the rules in its schema (protovalidate). A violation is
 * INVALID_ARGUMENT with `buf.validate.Violations` as its detail, before the handler runs.
 */
export function validationInterceptor(validator?: Validator): Interceptor {
  return createValidateInterceptor(validator === undefined ? {} : { validator });
}
