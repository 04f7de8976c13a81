/** Thrown when a bound of the request is passed; answers 413. */
export class LimitFault {
  readonly code: 'too_many_records' | 'too_deep';
  constructor(code: 'too_many_records' | 'too_deep') {
    this.code = code;
  }
}

/** Counts what a request may hold, across its lines and the texts inside it. */
export class RecordBudget {
  #left: number;
  constructor(records: number) {
    this.#left = records;
  }
  take(): void {
    if (this.#left === 0) throw new LimitFault('too_many_records');
    this.#left--;
  }
  giveBack(count: number): void {
    this.#left += count;
  }
}
