#!/usr/bin/env node
import { runProgram } from './cli/program.ts';

// `node dist/main.js` is the worker service; with a command it is the command line `zigflow`.
await runProgram(process.argv.slice(2));
