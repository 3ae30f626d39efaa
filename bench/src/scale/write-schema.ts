import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { scaleResultsSchema } from './scale-results.ts';

// Makes scale.schema.json again after a change: pnpm --filter @token-handshake/bench run generate

const file = new URL('../../scale.schema.json', import.meta.url);
await writeFile(file, `${JSON.stringify(z.toJSONSchema(scaleResultsSchema), undefined, 2)}\n`);
