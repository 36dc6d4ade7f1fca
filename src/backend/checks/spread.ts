/** `baseMs` with the noise of global `spread-checks`; at least 1. */
export function spread(baseMs: number, noise: { readonly spreadPercent: number; random(): number }): number {
  return Math.max(1, Math.round(baseMs * (1 + (noise.spreadPercent / 100) * (2 * noise.random() - 1))));
}
