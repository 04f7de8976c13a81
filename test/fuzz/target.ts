/** Something to be fuzzed: a function that throws when an invariant does not hold. */
export type Target = {
  readonly name: string;
  /** What holds for every input, for the report. */
  readonly promise: string;
  /** Inputs to begin with. */
  readonly seeds: readonly string[];
  /** Words the code compares with, which chance would not find. */
  readonly words: readonly string[];
  /**
   * Runs one input. Answers features of what happened (such as a status, or a finding's type): an input with
   * a feature never seen is kept like one that reaches new code.
   */
  run(input: Buffer): Iterable<string> | Promise<Iterable<string>>;
};
