import { agent, callAgent, workflow } from '@token-handshake/test-kit';

/** Longer than any recording is of use: its deadlines go on while nobody looks. */
export const FOR_EVER = '3650d';

/** Variable that names the folder of the files that {@link waiter} shares with a test. */
export const ANSWERS_FOLDER = 'ANSWERS_FOLDER';

/**
 * Waits for the file that its message names, then answers with its content, or fails if that begins with "cannot". It
 * writes a line to that file + `.started` when it begins. Nothing in it belongs to one machine.
 */
export const waiter = agent({
  slug: 'waiter',
  runtime: {
    command: {
      argv: [
        'sh',
        '-c',
        `file="$${ANSWERS_FOLDER}/$(cat)"
         echo "$STIGMER_EXECUTION_ID" >> "$file.started"
         until test -s "$file"; do sleep 0.1; done
         answer=$(cat "$file")
         case "$answer" in cannot*) echo "$answer" >&2; exit 3;; esac
         printf %s "$answer"`,
      ],
      envAllow: [ANSWERS_FOLDER],
    },
  },
});

const ask = { agent: 'waiter', result: FOR_EVER };

/** What callers run. They differ in how long the callee may be silent. */
export const documents = {
  patient: callAgent({ ...ask, workflowType: 'patient', liveness: FOR_EVER }),
  beaten: callAgent({ ...ask, workflowType: 'beaten', liveness: '60s' }),
  impatient: callAgent({ ...ask, workflowType: 'impatient', liveness: '4s' }),
  asksTwice: workflow({
    workflowType: 'asks-twice',
    do: `
      - before:
          call: agent
          with: { agent: waiter, message: "\${ \\"before-\\" + $input.text }", timeouts: { result: ${FOR_EVER}, liveness: 60s } }
      - ask:
          call: agent
          with: { agent: waiter, message: "\${ $input.text }", timeouts: { result: ${FOR_EVER}, liveness: ${FOR_EVER} } }
    `,
  }),
};

/** {@link FOR_EVER} in milliseconds. */
export const FOR_EVER_MS = 3_650 * 24 * 60 * 60 * 1_000;
