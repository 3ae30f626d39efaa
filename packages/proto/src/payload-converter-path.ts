import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Where the module of `payloadConverter` is: the value for `dataConverter.payloadConverterPath` of a Client,
 * a Worker, or a bundle of workflows. It is an entry of its own because workflow code cannot import it.
 */
export const payloadConverterPath = beside('payload-converter');

/**
 * The same for the tolerant one: the value for a bundle of workflows that must go on whatever a peer sends them. The
 * Worker and the Client beside it take {@link payloadConverterPath}.
 */
export const tolerantPayloadConverterPath = beside('tolerant-payload-converter');

function beside(module: string): string {
  return fileURLToPath(new URL(`./${module}${extname(import.meta.url)}`, import.meta.url));
}
