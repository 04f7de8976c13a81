/**
 * Lets so many pieces of work be under way at once and the others wait, first come, first served. Batches
 * that take turns with one another all finish late, and what each has made so far is alive at every
 * collection of garbage.
 */
export class Lane {
  readonly #width: number;
  readonly #waiting: (() => void)[] = [];
  #underWay = 0;

  /** @param width how much may be under way at once */
  constructor(width: number) {
    this.#width = width;
  }

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#underWay >= this.#width) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#underWay++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // Whoever is next takes the place over.
      if (next === undefined) this.#underWay--;
      else next();
    }
  }
}
