/** The server release that this repository is tested against; older ones are not used. */
export const TESTED_SERVER_VERSION = '1.29.1';

/** The release of the Temporal CLI that brings {@link TESTED_SERVER_VERSION}. */
export const TESTED_CLI_VERSION = 'v1.5.1';
