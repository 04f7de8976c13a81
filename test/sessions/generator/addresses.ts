import type { Random } from './random.ts';

/** First octets that are neither private nor reserved. */
const PUBLIC: readonly [number, ...number[]] = [3, 18, 34, 52, 54, 81, 93, 103, 185, 198, 203];

/** One place that calls come from. */
export type Place = {
  /** How a verdict names it: an IPv4 address, or the /56 of an IPv6 one. */
  readonly source: string;
  /** An address there; an IPv6 host takes another one now and then. */
  address(random: Random): string;
  readonly endpoint?: string;
};

/** Addresses that no two sessions' places share the /24 or /56 of. */
export class Addresses {
  readonly #random: Random;
  readonly #taken = new Set<string>();

  constructor(random: Random) {
    this.#random = random;
  }

  v4(): Place {
    const { first, second, third } = this.#block();
    return v4Place(`${first}.${second}.${third}.${this.#random.int(1, 254)}`);
  }

  /** Another address in the same /24. */
  neighbor(place: Place): Place {
    const block = place.source.slice(0, place.source.lastIndexOf('.') + 1);
    const own = Number(place.source.slice(block.length));
    return v4Place(`${block}${(own % 254) + 1}`);
  }

  v6(): Place {
    const random = this.#random;
    // Neither an empty word nor a zero at an end: the one spelling of the block needs no shortening.
    const words = [
      '2a02',
      hexWord(random),
      hexWord(random),
      `${random.text(1, '123456789abcdef')}${random.text(1)}00`,
    ];
    const block = words.join(':');
    if (this.#taken.has(block)) return this.v6();
    this.#taken.add(block);
    return {
      source: `${block}::/56`,
      address: (now) =>
        `${block.slice(0, -2)}${now.text(2)}:${[1, 2, 3, 4].map(() => hexWord(now)).join(':')}`,
    };
  }

  any(shareOfV6: number): Place {
    return this.#random.chance(shareOfV6) ? this.v6() : this.v4();
  }

  /** A host of a VPC whose calls go through an endpoint. */
  inVpc(): Place {
    const random = this.#random;
    const address = `10.${random.int(0, 255)}.${random.int(0, 255)}.${random.int(4, 254)}`;
    return { ...v4Place(address), endpoint: `vpce-0${random.text(16)}` };
  }

  #block(): { first: number; second: number; third: number } {
    const random = this.#random;
    const block = { first: random.pick(PUBLIC), second: random.int(20, 250), third: random.int(0, 255) };
    const name = Object.values(block).join('.');
    if (this.#taken.has(name)) return this.#block();
    this.#taken.add(name);
    return block;
  }
}

function v4Place(address: string): Place {
  return { source: address, address: () => address };
}

function hexWord(random: Random): string {
  return `${random.text(1, '123456789abcdef')}${random.text(3)}`;
}
