import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { resultsSchema } from './results.ts';

// Makes results.schema.json again after a change: pnpm --filter @token-handshake/bench run generate

const file = new URL('../results.schema.json', import.meta.url);
await writeFile(file, `${JSON.stringify(z.toJSONSchema(resultsSchema), undefined, 2)}\n`);
