package org.splitrack.bench;

import org.jspecify.annotations.Nullable;

/**
 * One figure, as {@code rack bench -o json} prints it.
 *
 * @param name {@code miss.p50}
 * @param unit {@code us}, {@code bytes}, {@code ratio} and so on
 * @param value what was measured, median of the samples
 * @param baseline the same of the baseline in the same run; null where a figure stands alone
 * @param ratio value over baseline, as the median of the pairs; null without a baseline
 * @param bound what ratio (or value, without a baseline) is held against; null = only reported
 * @param better {@code lower} or {@code higher}
 * @param holds the bound is kept; true without one
 * @param samples pairs, or single measurements
 * @param spread 95 % interval of the compared figure, as half its width over its median
 * @param emulated delays or bandwidths were added
 */
public record BenchRow(
    String name,
    String unit,
    double value,
    @Nullable Double baseline,
    @Nullable String baselineName,
    @Nullable Double ratio,
    @Nullable Double bound,
    String better,
    boolean holds,
    int samples,
    double spread,
    boolean emulated) {

  /** The median held against an absolute bound. */
  public static BenchRow absolute(
      String name, String unit, Samples samples, @Nullable Double bound, Better better) {
    return absolute(name, unit, samples, samples.median(), bound, better);
  }

  /**
   * A percentile held against an absolute bound.
   *
   * @param fraction 0.99 for the 99th; 1 for the largest
   */
  public static BenchRow percentile(
      String name,
      String unit,
      Samples samples,
      double fraction,
      @Nullable Double bound,
      Better better) {
    return absolute(name, unit, samples, samples.percentile(fraction), bound, better);
  }

  private static BenchRow absolute(
      String name,
      String unit,
      Samples samples,
      double value,
      @Nullable Double bound,
      Better better) {
    return new BenchRow(
        name,
        unit,
        value,
        null,
        null,
        null,
        bound,
        better.word(),
        bound == null || better.keeps(value, bound),
        samples.count(),
        samples.spread(),
        false);
  }

  /** A figure held against a baseline of the same run. */
  public static BenchRow paired(
      String name,
      String unit,
      PairedSamples pairs,
      String baselineName,
      @Nullable Double bound,
      Better better) {
    double ratio = pairs.ratios().median();
    return new BenchRow(
        name,
        unit,
        pairs.subject().median(),
        pairs.baseline().median(),
        baselineName,
        ratio,
        bound,
        better.word(),
        bound == null || better.keeps(ratio, bound),
        pairs.ratios().count(),
        pairs.ratios().spread(),
        false);
  }

  /** The same figure, marked as measured with delays or bandwidths that were added. */
  public BenchRow underEmulation() {
    return new BenchRow(
        name,
        unit,
        value,
        baseline,
        baselineName,
        ratio,
        bound,
        better,
        holds,
        samples,
        spread,
        true);
  }

  /** The geometric mean of ratios, held against a bound; lower is better. */
  public static BenchRow meanOfRatios(String name, Samples ratios, @Nullable Double bound) {
    double mean = ratios.geometricMean();
    return new BenchRow(
        name,
        "ratio",
        mean,
        null,
        null,
        null,
        bound,
        Better.LOWER.word(),
        bound == null || mean <= bound,
        ratios.count(),
        ratios.spread(),
        false);
  }

  /** Which direction is good. */
  public enum Better {
    LOWER,
    HIGHER;

    String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    boolean keeps(double measured, double bound) {
      return this == LOWER ? measured <= bound : measured >= bound;
    }
  }
}
