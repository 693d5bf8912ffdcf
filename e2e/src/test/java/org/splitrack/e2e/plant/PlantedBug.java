package org.splitrack.e2e.plant;

import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** A bug in some components that run; closing it takes the bug out of them again. */
public final class PlantedBug implements AutoCloseable {
  private final Path agent;
  private final long[] pids;

  private PlantedBug(Path agent, long[] pids) {
    this.agent = agent;
    this.pids = pids;
  }

  /** Plants it in the JVMs with these process numbers. */
  public static PlantedBug in(Bug bug, long... pids) {
    PlantedBug planted = new PlantedBug(agent(), pids);
    planted.load(bug.name());
    return planted;
  }

  @Override
  public void close() {
    load("none");
  }

  private void load(String options) {
    for (long pid : pids) {
      if (!isRunning(pid)) {
        continue;
      }
      try {
        VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
        try {
          machine.loadAgent(agent.toString(), options);
        } finally {
          machine.detach();
        }
      } catch (Exception e) {
        throw new IllegalStateException("the bug is not in process " + pid, e);
      }
    }
  }

  /** One that was killed is there until its parent takes note, and has no memory any more. */
  private static boolean isRunning(long pid) {
    try {
      return !Files.readString(Path.of("/proc", Long.toString(pid), "maps")).isEmpty();
    } catch (IOException gone) {
      return false;
    }
  }

  /** The agent's classes, as the JVM wants them. */
  private static Path agent() {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue("Agent-Class", BugAgent.class.getName());
    attributes.putValue("Can-Retransform-Classes", "true");
    try {
      Path classes = Path.of(BugAgent.class.getResource("BugAgent.class").toURI()).getParent();
      Path jar = Files.createTempFile("splitrack-bug-", ".jar");
      jar.toFile().deleteOnExit();
      try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
          Stream<Path> files = Files.list(classes)) {
        for (Path file : files.toList()) {
          out.putNextEntry(
              new JarEntry(
                  BugAgent.class.getPackageName().replace('.', '/') + "/" + file.getFileName()));
          Files.copy(file, out);
        }
      }
      return jar;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (java.net.URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
