/**
 * How much work one analysis may do, in steps of about one character compared. Counting steps instead of
 * time makes the answer the same on every machine and in every order of arrival.
 */
export class Budget {
  #left: number;

  constructor(steps: number) {
    this.#left = steps;
  }

  /** Takes `steps` away. */
  spend(steps: number): void {
    this.#left -= steps;
  }

  /** True once more was spent than there was: every loop stops then. */
  get isExhausted(): boolean {
    return this.#left < 0;
  }
}
