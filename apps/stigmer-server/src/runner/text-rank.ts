/** What {@link textRank} compares: the set of terms that carry a sentence's meaning. */
export type Terms = ReadonlySet<string>;

const DAMPING = 0.85;
const ROUNDS = 40;
/** Ranks are settled when no one moves more than this. */
const SETTLED = 1e-5;

/**
 * How much each sentence says of the whole, after TextRank (Mihalcea and Tarau, 2004): sentences that share terms
 * vote for each other, the more the more weight they have themselves. Sentences without neighbours get the least.
 */
export function textRank(sentences: readonly Terms[]): number[] {
  const edges = edgesOf(sentences);
  const totals = edges.map((out) => out.reduce((sum, edge) => sum + edge.weight, 0));
  let ranks = sentences.map(() => 1);
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = edges.map(
      (neighbours) =>
        1 -
        DAMPING +
        DAMPING *
          neighbours.reduce(
            (sum, { to, weight }) => sum + (weight / (totals[to] || 1)) * (ranks[to] ?? 0),
            0,
          ),
    );
    const moved = next.reduce((most, rank, index) => Math.max(most, Math.abs(rank - (ranks[index] ?? 0))), 0);
    ranks = next;
    if (moved < SETTLED) break;
  }
  return ranks;
}

interface Edge {
  readonly to: number;
  readonly weight: number;
}

/** Shared terms over the logarithms of both lengths, which keeps long sentences from winning by length alone. */
function edgesOf(sentences: readonly Terms[]): Edge[][] {
  const byTerm = new Map<string, number[]>();
  sentences.forEach((terms, index) => {
    for (const term of terms) {
      const known = byTerm.get(term);
      if (known) known.push(index);
      else byTerm.set(term, [index]);
    }
  });
  return sentences.map((terms, from) => {
    const shared = new Map<number, number>();
    for (const term of terms) {
      for (const to of byTerm.get(term) ?? []) if (to !== from) shared.set(to, (shared.get(to) ?? 0) + 1);
    }
    return [...shared].map(([to, count]) => {
      const length = Math.log(terms.size + 1) + Math.log((sentences[to]?.size ?? 0) + 1);
      return { to, weight: count / length };
    });
  });
}
