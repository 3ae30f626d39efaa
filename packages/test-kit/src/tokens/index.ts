export { type Reseal, resealedToken, swappedHeader } from './resealed-token.ts';
export { type ForgedClaims, rawToken, sealedToken, type TokenForge, tokenForge } from './token-forge.ts';
