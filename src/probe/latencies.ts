/**
 * A histogram of times.
 *
 * @module
 */
import { Float64Histogram } from "hdr-histogram-js";

/** The unit of the histogram in milliseconds: 0.1 microseconds. */
const UNIT_MS = 1e-4;
const UNITS_IN_US = 10;
/** The largest time that is kept as it is: one hour. */
const MAX_UNITS = 3600e3 / UNIT_MS;
/** Steps of the percentile distribution for each half of what is left to 100 %. */
const TICKS = 5;

/** Times in microseconds; null where nothing was measured. */
export interface Summary {
  readonly min: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly p99_9: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly stdev: number | null;
}

/** A bar of a histogram: the number of times up to `toUs` that are above the bar before it. */
export interface Bar {
  readonly toUs: number;
  readonly count: number;
}

/**
 * Times in buckets, three significant digits each (HdrHistogram): 0.2 MiB, however many are recorded. Minimum, maximum,
 * mean and standard deviation are exact.
 */
export class Latencies {
  readonly #histogram = new Float64Histogram(1, MAX_UNITS, 3);
  #min = Infinity;
  #max = 0;
  #sum = 0;
  #squares = 0;
  #count = 0;

  /** The number of times. */
  get count(): number {
    return this.#count;
  }

  /** Records a time in milliseconds; one below 0.1 microseconds, or above an hour, counts as that. */
  record(ms: number): void {
    const units = Math.min(MAX_UNITS, Math.max(1, Math.round(ms / UNIT_MS)));
    this.#histogram.recordValue(units);
    this.#count++;
    this.#sum += units;
    this.#squares += units * units;
    if (units < this.#min) this.#min = units;
    if (units > this.#max) this.#max = units;
  }

  /** Adds the times of another. */
  add(other: Latencies): void {
    if (other.#count === 0) return;
    this.#histogram.add(other.#histogram);
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#squares += other.#squares;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
  }

  /** Forgets all times. */
  reset(): void {
    if (this.#count === 0) return;
    this.#histogram.reset();
    this.#min = Infinity;
    this.#max =
      this.#sum =
      this.#squares =
      this.#count =
        0;
  }

  /** The time in microseconds that so many percent do not exceed; null: nothing was measured. */
  percentile(percent: number): number | null {
    if (this.#count === 0) return null;
    const units = this.#histogram.getValueAtPercentile(percent);
    return Math.min(this.#max, Math.max(this.#min, units)) / UNITS_IN_US; // a bucket may reach beyond them
  }

  /** All figures of a summary. */
  summary(): Summary {
    const exact = (units: number) => this.#count === 0 ? null : round(units / UNITS_IN_US);
    const mean = this.#sum / this.#count;
    return {
      min: exact(this.#min),
      p50: this.percentile(50),
      p90: this.percentile(90),
      p99: this.percentile(99),
      p99_9: this.percentile(99.9),
      max: exact(this.#max),
      mean: exact(mean),
      stdev: exact(Math.sqrt(Math.max(0, this.#squares / this.#count - mean * mean))),
    };
  }

  /** The percentile distribution in the text format of HdrHistogram, in milliseconds. */
  distribution(): string {
    return this.#histogram.outputPercentileDistribution(TICKS, UNITS_IN_US * 1000);
  }

  /** So many bars, whose ends are at equal ratios from the minimum to the maximum; none where nothing was measured. */
  bars(number: number): Bar[] {
    if (this.#count === 0) return [];
    const scale = number / Math.log(Math.max(this.#max / this.#min, 1.01));
    const counts = new Float64Array(number);
    for (const iterator = this.#counted(); iterator.hasNext();) {
      const { valueIteratedTo, countAtValueIteratedTo } = iterator.next();
      const bar = Math.ceil(scale * Math.log(valueIteratedTo / this.#min)) - 1;
      counts[Math.min(number - 1, Math.max(0, bar))] += countAtValueIteratedTo;
    }
    return Array.from(counts, (count, i) => ({ toUs: this.#min / UNITS_IN_US * Math.exp((i + 1) / scale), count }));
  }

  #counted() {
    const iterator = this.#histogram.recordedValuesIterator;
    iterator.reset();
    return iterator;
  }
}

function round(us: number): number {
  return Math.round(us * 10) / 10;
}
