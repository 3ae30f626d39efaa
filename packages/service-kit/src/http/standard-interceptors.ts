import type { Interceptor } from '@connectrpc/connect';
import { type ErrorInterceptorOptions, errorInterceptor } from './error-interceptor.ts';
import { requestLogInterceptor } from './request-log-interceptor.ts';
import { validationInterceptor } from './validation-interceptor.ts';

/** What every service wants around its RPCs, outermost first: log line, error mapping, validation. */
export function standardInterceptors(options: ErrorInterceptorOptions): Interceptor[] {
  return [requestLogInterceptor(options), errorInterceptor(options), validationInterceptor()];
}
