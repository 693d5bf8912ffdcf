package org.splitrack.manager.internal.http;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.Answer;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.control.ProcessCalls.Output;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.authority.ProcessRow;
import org.splitrack.manager.internal.authority.Tables;
import org.splitrack.manager.internal.process.ProcessCommands;
import org.splitrack.manager.internal.process.ProcessEnds;
import org.splitrack.manager.internal.process.ProcessStarts;
import org.splitrack.manager.internal.process.ProcessStarts.Started;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code /v1/processes}: start, look, wait, stop, set, output. */
@RestController
@RequestMapping("/v1/processes")
final class ProcessApi {
  private static final long MAX_WAIT_MS = 30_000;

  private final ProcessStarts starts;
  private final ProcessEnds ends;
  private final ProcessCommands commands;
  private final ConfigStore store;
  private final Tables tables;

  ProcessApi(
      ProcessStarts starts,
      ProcessEnds ends,
      ProcessCommands commands,
      ConfigStore store,
      Tables tables) {
    this.starts = starts;
    this.ends = ends;
    this.commands = commands;
    this.store = store;
    this.tables = tables;
  }

  /** How to attach to a started process. */
  record RunReply(ProcessId process, ComponentId component, Endpoint attach, String ticket) {}

  @PostMapping
  RunReply run(@RequestBody RunRequest request) {
    Started started = starts.start(request.spec());
    return new RunReply(started.process(), started.component(), started.attach(), started.ticket());
  }

  @GetMapping("/{number}")
  Map<String, @Nullable Object> show(@PathVariable long number) {
    return view(process(number));
  }

  /** 200 once it has ended, 202 before. */
  @GetMapping("/{number}/wait")
  ResponseEntity<Map<String, @Nullable Object>> await(
      @PathVariable long number,
      @RequestParam(name = "wait_ms", defaultValue = "10000") long waitMs) {
    ProcessId process = process(number);
    Optional<ProcessRow> row = ends.awaitEnd(process, patience(waitMs));
    if (row.isEmpty()) {
      return ResponseEntity.ok(view(process));
    }
    return ResponseEntity.status(row.get().isRunning() ? 202 : 200).body(ProcessView.of(row.get()));
  }

  /** How to attach to the run of it that counts now. */
  @GetMapping("/{number}/attach")
  RunReply attach(@PathVariable long number) {
    ProcessRow row = store.process(here(number)).orElseThrow();
    return new RunReply(row.process(), row.component(), row.place().endpoint(), row.ticket());
  }

  @PostMapping("/{number}/stop")
  Map<String, @Nullable Object> stop(@PathVariable long number) {
    ProcessId process = here(number);
    commands.stop(process);
    return view(process);
  }

  @PostMapping("/{number}/set")
  Map<String, @Nullable Object> set(
      @PathVariable long number, @RequestBody Map<String, @Nullable String> settings) {
    ProcessId process = here(number);
    Map<String, String> texts = new LinkedHashMap<>();
    settings.forEach((key, value) -> texts.put(key, String.valueOf(value)));
    commands.set(process, texts);
    return view(process);
  }

  @GetMapping("/{number}/output")
  ResponseEntity<byte[]> output(
      @PathVariable long number,
      @RequestParam(defaultValue = "0") long offset,
      @RequestParam(name = "wait_ms", defaultValue = "0") long waitMs) {
    if (offset < 0) {
      throw new ControlFault(Code.BAD_REQUEST, "offset " + offset + " is negative");
    }
    Answer<Output> answer = commands.output(here(number), offset, patience(waitMs));
    byte[] bytes = answer.attachment() == null ? new byte[0] : answer.attachment();
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_OCTET_STREAM)
        .header("X-Next-Offset", Long.toString(answer.reply().offset() + bytes.length))
        .header("X-Ended", Boolean.toString(answer.reply().ended()))
        .body(bytes);
  }

  /** What the manager knows, else what the tables still show of an earlier start. */
  private Map<String, @Nullable Object> view(ProcessId process) {
    Optional<ProcessRow> row = store.process(process);
    if (row.isPresent()) {
      return ProcessView.of(row.get());
    }
    return tables
        .process(process)
        .orElseThrow(() -> new ControlFault(Code.NOT_FOUND, "there is no process " + process));
  }

  /** One that this start of the manager started: only then is there something to be done to it. */
  private ProcessId here(long number) {
    ProcessId process = process(number);
    if (store.process(process).isEmpty() && !view(process).isEmpty()) {
      throw new ControlFault(
          Code.EXISTS, "process " + process + " is one of an earlier start of the rack, and over");
    }
    return process;
  }

  private static ProcessId process(long number) {
    if (number <= 0) {
      throw new ControlFault(Code.NOT_FOUND, "there is no process " + number);
    }
    return new ProcessId(number);
  }

  private static Duration patience(long waitMs) {
    return Duration.ofMillis(Math.clamp(waitMs, 0, MAX_WAIT_MS));
  }
}
