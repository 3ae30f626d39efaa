import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Where the module of `payloadConverter` is: the value for `dataConverter.payloadConverterPath` of a Client,
 * a Worker, or a bundle of workflows. It is an entry of its own because workflow code cannot import it.
 */
export const payloadConverterPath = fileURLToPath(
  new URL(`./payload-converter${extname(import.meta.url)}`, import.meta.url),
);
