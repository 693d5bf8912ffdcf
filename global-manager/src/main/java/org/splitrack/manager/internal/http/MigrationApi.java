package org.splitrack.manager.internal.http;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.report.StateChange.MigrationState;
import org.splitrack.manager.internal.authority.MigrationTask;
import org.splitrack.manager.internal.memory.MigrationCommands;
import org.splitrack.manager.internal.memory.MigrationCommands.Move;
import org.splitrack.manager.internal.memory.MigrationCommands.Outcome;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** {@code /v1/migrations}: move a region, look, give up; {@code /v1/protection}. */
@RestController
final class MigrationApi {
  private final MigrationCommands commands;

  MigrationApi(MigrationCommands commands) {
    this.commands = commands;
  }

  record MigrationRequest(@Nullable Long region, @Nullable String target) {
    Move move() {
      if (region == null || target == null) {
        throw new ControlFault(Code.BAD_REQUEST, "a migration needs 'region' and 'target'");
      }
      if (region <= 0) {
        throw new ControlFault(Code.NOT_FOUND, "there is no region " + region);
      }
      return new Move(new RegionId(region), ComponentNames.parse(target));
    }
  }

  /** Its number; how it goes on is to be asked for. */
  record MigrationReply(long migration) {}

  /** One of several: its number, or why it does not begin. */
  record MoveReply(long region, @Nullable Long migration, @Nullable String error) {
    static MoveReply of(Outcome outcome) {
      MigrationTask task = outcome.task();
      ControlFault refusal = outcome.refusal();
      return new MoveReply(
          outcome.move().region().value(),
          task == null ? null : task.migration(),
          refusal == null ? null : refusal.getMessage());
    }
  }

  @PostMapping("/v1/migrations")
  ResponseEntity<MigrationReply> start(@RequestBody MigrationRequest request) {
    Move move = request.move();
    MigrationTask task = commands.migrate(move.region(), move.target());
    return ResponseEntity.accepted().body(new MigrationReply(task.migration()));
  }

  /** Several at once; each may be refused by itself. */
  @PostMapping("/v1/migrations/batch")
  ResponseEntity<List<MoveReply>> startAll(@RequestBody List<MigrationRequest> requests) {
    List<Move> moves = requests.stream().map(MigrationRequest::move).toList();
    return ResponseEntity.accepted()
        .body(commands.migrate(moves).stream().map(MoveReply::of).toList());
  }

  @GetMapping("/v1/migrations")
  List<MigrationState> list() {
    return commands.all().stream().map(MigrationTask::asReported).toList();
  }

  @GetMapping("/v1/migrations/{number}")
  MigrationState show(@PathVariable long number) {
    return commands.require(number).asReported();
  }

  @PostMapping("/v1/migrations/{number}/abort")
  MigrationState abort(@PathVariable long number) {
    return commands.abort(number).asReported();
  }

  /** Asked of the authority, not of the mirror: it may be wanted when Kafka is away. */
  @GetMapping("/v1/protection")
  Map<String, Object> protection() {
    return commands
        .unprotected()
        .map(
            unprotected ->
                protection(
                    unprotected,
                    unprotected.isEmpty(),
                    unprotected.isEmpty()
                        ? "every region has two copies"
                        : unprotected.size()
                            + " regions have one copy, or their copies are changing or do not"
                            + " answer; the first is "
                            + unprotected.getFirst()))
        .orElseGet(() -> protection(List.of(), false, "the manager does not lead"));
  }

  private static Map<String, Object> protection(
      List<RegionId> unprotected, boolean holds, String reason) {
    return Map.of("protected", holds, "unprotected", unprotected, "reason", reason);
  }
}
