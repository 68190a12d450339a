// Counts of latencies in buckets of one percent, from a microsecond to a minute.

const growth = Math.log(1.01);
const least = 0.001;  // milliseconds
const bucketCount = Math.ceil(Math.log(60000 / least) / growth) + 1;

export class Histogram {
  constructor() {
    this.counts = new Float64Array(bucketCount);
    this.clear();
  }

  clear() {
    this.counts.fill(0);
    this.count = 0;
    this.sum = 0;
    this.largest = 0;
  }

  add(value) {
    const index = Math.floor(Math.log(Math.max(value, least) / least) / growth);
    this.counts[Math.min(index, bucketCount - 1)] += 1;
    this.count += 1;
    this.sum += value;
    this.largest = Math.max(this.largest, value);
  }

  get mean() { return this.sum / this.count; }

  // The upper end of the bucket in which that share of the values is reached.
  quantile(wanted) {
    if (this.count === 0) return NaN;
    let before = 0;
    for (let i = 0; i < bucketCount; i += 1) {
      before += this.counts[i];
      if (before >= wanted * this.count) {
        return Math.min(least * Math.exp((i + 1) * growth), this.largest);
      }
    }
    return this.largest;
  }

  // How many lie in [low, high), buckets shared in proportion.
  between(low, high) {
    const first = Math.max(0, Math.log(low / least) / growth);
    const last = Math.min(bucketCount, Math.log(high / least) / growth);
    let sum = 0;
    for (let i = Math.floor(first); i < last; i += 1) {
      sum += this.counts[i] * (Math.min(i + 1, last) - Math.max(i, first));
    }
    return sum;
  }
}
