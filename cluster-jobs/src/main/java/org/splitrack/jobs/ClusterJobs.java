package org.splitrack.jobs;

import java.util.List;
import org.splitrack.jobs.internal.JobFailure;
import org.splitrack.jobs.internal.MakeSecrets;
import org.splitrack.jobs.internal.RunCheck;
import org.splitrack.jobs.internal.pages.PageJobs;

/**
 * Jobs of the chart and of {@code rack bench}, configured through their environment. Exit code 0
 * when done, 1 with one line when not, 2 for an unknown job.
 */
public final class ClusterJobs {
  private ClusterJobs() {}

  /**
   * Runs one.
   *
   * @param arguments {@code make-secrets}, {@code check}, {@code answer-pages} or {@code
   *     fetch-pages}
   */
  public static void main(String[] arguments) throws InterruptedException {
    String job = arguments.length == 1 ? arguments[0] : List.of(arguments).toString();
    try {
      switch (job) {
        case "make-secrets" -> MakeSecrets.run(System::getenv, System.out::println);
        case "check" -> RunCheck.run(System::getenv, System.out::println);
        case "answer-pages" -> PageJobs.answer(System::getenv);
        case "fetch-pages" -> PageJobs.fetch(System::getenv, System.out::println);
        default -> {
          System.err.println(
              "there is no job " + job + ": make-secrets, check, answer-pages, fetch-pages");
          System.exit(2);
        }
      }
    } catch (JobFailure e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
    System.exit(0);
  }
}
