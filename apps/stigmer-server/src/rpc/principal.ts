/** Who makes a call. Nobody is asked who they are in this release, so everybody is the same. */
export const ANONYMOUS = 'anonymous';
