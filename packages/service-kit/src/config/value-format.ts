import { z } from 'zod';

/** What a schema takes, in a few words: its description, else the words of a closed set, else its type. */
export function formatOf(schema: z.ZodType): string {
  if (schema.description !== undefined) return schema.description;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return formatOf(schema.unwrap() as z.ZodType);
  }
  if (schema instanceof z.ZodEnum) return `one of ${schema.options.join(', ')}`;
  if (schema instanceof z.ZodPipe) return formatOf(schema.in as z.ZodType);
  if (schema instanceof z.ZodNumber) return 'a number';
  return 'a text';
}

/** A default as a reader would write it in the environment. */
export function formatValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(formatValue).join(',');
  if (typeof value === 'object' && value !== null && 'host' in value && 'port' in value) {
    return `${String(value.host)}:${String(value.port)}`;
  }
  return JSON.stringify(value);
}
