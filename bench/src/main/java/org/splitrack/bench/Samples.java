package org.splitrack.bench;

import java.util.Arrays;

/** Measurements of one quantity; order statistics only, since machine noise is skewed. */
public final class Samples {
  private double[] values = new double[16];
  private int count;

  /** Samples that hold these values. */
  public static Samples of(double... values) {
    Samples samples = new Samples();
    for (double value : values) {
      samples.add(value);
    }
    return samples;
  }

  public void add(double value) {
    if (count == values.length) {
      values = Arrays.copyOf(values, count * 2);
    }
    values[count++] = value;
  }

  public int count() {
    return count;
  }

  /** The middle one, or the mean of the two in the middle; NaN when there is none. */
  public double median() {
    double[] sorted = sorted();
    if (count == 0) {
      return Double.NaN;
    }
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
  }

  /**
   * The smallest sample that so many of all are not above; NaN when there is none.
   *
   * @param fraction above 0, at most 1
   */
  public double percentile(double fraction) {
    double[] sorted = sorted();
    return count == 0 ? Double.NaN : sorted[(int) Math.ceil(fraction * count) - 1];
  }

  /**
   * The 95 % confidence interval of the median from order statistics (normal approximation of the
   * binomial), which assumes nothing about the distribution.
   */
  public double[] interval95() {
    double[] sorted = sorted();
    if (count == 0) {
      return new double[] {Double.NaN, Double.NaN};
    }
    double half = 1.96 * Math.sqrt(count) / 2;
    int low = (int) Math.floor((count - 1) / 2.0 - half);
    int high = (int) Math.ceil((count - 1) / 2.0 + half);
    return new double[] {sorted[Math.max(0, low)], sorted[Math.min(count - 1, high)]};
  }

  /** Half the width of {@link #interval95} over the median; 0 for a median of 0. */
  public double spread() {
    double median = median();
    double[] interval = interval95();
    return median == 0 ? 0 : (interval[1] - interval[0]) / 2 / Math.abs(median);
  }

  /** The {@code n}-th root of the product; for ratios over programs. */
  public double geometricMean() {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += Math.log(values[i]);
    }
    return count == 0 ? Double.NaN : Math.exp(sum / count);
  }

  private double[] sorted() {
    double[] sorted = Arrays.copyOf(values, count);
    Arrays.sort(sorted);
    return sorted;
  }
}
