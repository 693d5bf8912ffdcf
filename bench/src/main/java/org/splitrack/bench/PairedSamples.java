package org.splitrack.bench;

/**
 * Subject and baseline measured right after one another, again and again: drift of the machine hits
 * both, and the ratio of a pair is free of it.
 */
public final class PairedSamples {
  private final Samples subject = new Samples();
  private final Samples baseline = new Samples();
  private final Samples ratios = new Samples();

  public void add(double subjectValue, double baselineValue) {
    subject.add(subjectValue);
    baseline.add(baselineValue);
    ratios.add(subjectValue / baselineValue);
  }

  public Samples subject() {
    return subject;
  }

  public Samples baseline() {
    return baseline;
  }

  public Samples ratios() {
    return ratios;
  }
}
