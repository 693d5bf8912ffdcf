-- The rows that decide: which manager leads, which process runs where, who holds a region. Authority:
-- the leading global manager changes them by compare-and-set, each change with its history in the
-- same transaction and only while its term is the newest; no lock outlives a transaction.

-- Leadership --------------------------------------------------------------------------------------

CREATE TABLE os_res.leader (
  singleton  boolean     PRIMARY KEY DEFAULT true CHECK (singleton),
  term       bigint      NOT NULL CHECK (term >= 0),
  manager    text        NOT NULL,
  boot_id    text        NOT NULL,
  renewed_at timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE  os_res.leader            IS 'Authority: the manager that leads; one row.';
COMMENT ON COLUMN os_res.leader.singleton  IS 'True: there is one row.';
COMMENT ON COLUMN os_res.leader.term       IS 'Number of the leadership; 0 before the first. Every change carries its term, and one of a lower term changes nothing.';
COMMENT ON COLUMN os_res.leader.manager    IS 'Component that leads; empty before the first.';
COMMENT ON COLUMN os_res.leader.boot_id    IS 'Its start.';
COMMENT ON COLUMN os_res.leader.renewed_at IS 'When it last said that it lives, by the database''s clock; another may follow 2 seconds later.';
INSERT INTO os_res.leader (term, manager, boot_id, renewed_at) VALUES (0, '', '', '-infinity');

CREATE TABLE os_res.leader_history (
  term    bigint      PRIMARY KEY,
  manager text        NOT NULL,
  boot_id text        NOT NULL,
  since   timestamptz NOT NULL
);
COMMENT ON TABLE  os_res.leader_history         IS 'Authority: who led when.';
COMMENT ON COLUMN os_res.leader_history.term    IS 'Number of the leadership.';
COMMENT ON COLUMN os_res.leader_history.manager IS 'Component that led.';
COMMENT ON COLUMN os_res.leader_history.boot_id IS 'Its start.';
COMMENT ON COLUMN os_res.leader_history.since   IS 'When it began, by the database''s clock.';

-- Processes ---------------------------------------------------------------------------------------

CREATE TABLE os_sched.process_config (
  process      bigint      PRIMARY KEY,
  incarnation  integer     NOT NULL CHECK (incarnation > 0),
  term         bigint      NOT NULL,
  component    text        NOT NULL,
  boot_id      text        NOT NULL,
  endpoint     text        NOT NULL,
  ticket       text        NOT NULL,
  effects_left boolean     NOT NULL,
  state        text        NOT NULL,
  exit_code    integer,
  reason       text,
  spec         jsonb       NOT NULL,
  stats        jsonb       NOT NULL,
  started_at   timestamptz NOT NULL,
  ended_at     timestamptz,
  CHECK ((state = 'running') = (ended_at IS NULL)),
  CHECK ((state = 'running') = (exit_code IS NULL))
) WITH (fillfactor = 70);
COMMENT ON TABLE  os_sched.process_config              IS 'Authority: one row per process; the newest that ended are kept.';
COMMENT ON COLUMN os_sched.process_config.process      IS 'Its number, never used again.';
COMMENT ON COLUMN os_sched.process_config.incarnation  IS 'Which run of it counts; effects of another one are refused.';
COMMENT ON COLUMN os_sched.process_config.term         IS 'Term of the global manager that decided the row.';
COMMENT ON COLUMN os_sched.process_config.component    IS 'pComponent that runs or ran it.';
COMMENT ON COLUMN os_sched.process_config.boot_id      IS 'Start of that pComponent.';
COMMENT ON COLUMN os_sched.process_config.endpoint     IS 'Where that pComponent listens.';
COMMENT ON COLUMN os_sched.process_config.ticket       IS 'What a command must show that attaches to it.';
COMMENT ON COLUMN os_sched.process_config.effects_left IS 'Whether something may have left this run: output delivered or a file changed. Such a run is not repeated.';
COMMENT ON COLUMN os_sched.process_config.state        IS 'running, exited, failed, lost or stopped.';
COMMENT ON COLUMN os_sched.process_config.exit_code    IS 'Its exit code; none while it runs.';
COMMENT ON COLUMN os_sched.process_config.reason       IS 'Why it ended, in one line; none when it exited by itself.';
COMMENT ON COLUMN os_sched.process_config.spec         IS 'What to run and how.';
COMMENT ON COLUMN os_sched.process_config.stats        IS 'Its statistics as it reported them at its end.';
COMMENT ON COLUMN os_sched.process_config.started_at   IS 'When it was started.';
COMMENT ON COLUMN os_sched.process_config.ended_at     IS 'When it ended; none while it runs.';
CREATE INDEX process_config_running ON os_sched.process_config (process) WHERE state = 'running';
COMMENT ON INDEX os_sched.process_config_running IS 'The few that run among the many that ran.';

CREATE TABLE os_sched.process_history (
  change      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  process     bigint      NOT NULL,
  incarnation integer     NOT NULL,
  term        bigint      NOT NULL,
  component   text        NOT NULL,
  boot_id     text        NOT NULL,
  state       text        NOT NULL,
  reason      text,
  at          timestamptz NOT NULL
);
COMMENT ON TABLE  os_sched.process_history             IS 'Authority: every change of a process''s row, written with it.';
COMMENT ON COLUMN os_sched.process_history.change      IS 'Number of the change.';
COMMENT ON SEQUENCE os_sched.process_history_change_seq IS 'Numbers of changes of processes.';
COMMENT ON COLUMN os_sched.process_history.process     IS 'Its process.';
COMMENT ON COLUMN os_sched.process_history.incarnation IS 'Which run of it.';
COMMENT ON COLUMN os_sched.process_history.term        IS 'Term of the global manager that decided it.';
COMMENT ON COLUMN os_sched.process_history.component   IS 'pComponent that runs or ran it.';
COMMENT ON COLUMN os_sched.process_history.boot_id     IS 'Start of that pComponent.';
COMMENT ON COLUMN os_sched.process_history.state       IS 'running, exited, failed, lost or stopped.';
COMMENT ON COLUMN os_sched.process_history.reason      IS 'Why, in one line.';
COMMENT ON COLUMN os_sched.process_history.at          IS 'When, by the database''s clock.';
CREATE INDEX process_history_process ON os_sched.process_history (process);
COMMENT ON INDEX os_sched.process_history_process IS 'The story of one process.';

-- Regions -----------------------------------------------------------------------------------------

CREATE TABLE os_mem.region_config (
  region              bigint  PRIMARY KEY,
  process             bigint  NOT NULL REFERENCES os_sched.process_config,
  incarnation         integer NOT NULL,
  index               integer NOT NULL CHECK (index >= 0),
  epoch               bigint  NOT NULL CHECK (epoch > 0),
  term                bigint  NOT NULL,
  home_since          bigint  NOT NULL CHECK (home_since <= epoch),
  home                text    NOT NULL,
  home_boot_id        text    NOT NULL,
  home_endpoint       text    NOT NULL,
  secondaries         text[]  NOT NULL,
  secondary_boot_ids  text[]  NOT NULL,
  secondary_endpoints text[]  NOT NULL,
  learner             text,
  learner_boot_id     text,
  learner_endpoint    text,
  learner_purpose     text    CHECK (learner_purpose IN ('secondary', 'home')),
  reserved_pages      integer NOT NULL CHECK (reserved_pages > 0),
  ack                 text    NOT NULL CHECK (ack IN ('none', 'lego', 'safe', 'logged')),
  strict              boolean NOT NULL,
  state               text    NOT NULL CHECK (state IN ('active', 'lost')),
  UNIQUE (process, index),
  CHECK (cardinality(secondaries) = cardinality(secondary_boot_ids)),
  CHECK (cardinality(secondaries) = cardinality(secondary_endpoints)),
  CHECK (home_boot_id <> ALL (secondary_boot_ids)),
  CHECK (home_boot_id <> learner_boot_id),
  CHECK ((learner IS NULL) = (learner_boot_id IS NULL)),
  CHECK ((learner IS NULL) = (learner_endpoint IS NULL)),
  CHECK ((learner IS NULL) = (learner_purpose IS NULL))
) WITH (fillfactor = 50);
COMMENT ON TABLE  os_mem.region_config                     IS 'Authority: who holds a region; one row per granted region, gone with its process.';
COMMENT ON COLUMN os_mem.region_config.region              IS 'Its number, never used again.';
COMMENT ON COLUMN os_mem.region_config.process             IS 'Process whose memory it is.';
COMMENT ON COLUMN os_mem.region_config.incarnation         IS 'Run of the process that may access it.';
COMMENT ON COLUMN os_mem.region_config.index               IS 'Which 16 MiB of the address space.';
COMMENT ON COLUMN os_mem.region_config.epoch               IS 'Number of its configuration; grows by each change of who holds it.';
COMMENT ON COLUMN os_mem.region_config.term                IS 'Term of the global manager that decided it.';
COMMENT ON COLUMN os_mem.region_config.home_since          IS 'Epoch at which this home took over.';
COMMENT ON COLUMN os_mem.region_config.home                IS 'mComponent that serves it.';
COMMENT ON COLUMN os_mem.region_config.home_boot_id        IS 'Its start: another one has an empty memory.';
COMMENT ON COLUMN os_mem.region_config.home_endpoint       IS 'Where it listens.';
COMMENT ON COLUMN os_mem.region_config.secondaries         IS 'mComponents whose copies are in sync.';
COMMENT ON COLUMN os_mem.region_config.secondary_boot_ids  IS 'Their starts, in the same order.';
COMMENT ON COLUMN os_mem.region_config.secondary_endpoints IS 'Where they listen, in the same order.';
COMMENT ON COLUMN os_mem.region_config.learner             IS 'mComponent that is being given a copy, if any, or that takes over as home; every acknowledgement waits for it.';
COMMENT ON COLUMN os_mem.region_config.learner_boot_id     IS 'Its start.';
COMMENT ON COLUMN os_mem.region_config.learner_endpoint    IS 'Where it listens.';
COMMENT ON COLUMN os_mem.region_config.learner_purpose     IS 'What it is to become: secondary, or home when the region moves.';
COMMENT ON COLUMN os_mem.region_config.reserved_pages      IS 'Pages of 4 KiB, from the first, that every copy has set aside.';
COMMENT ON COLUMN os_mem.region_config.ack                 IS 'When a write-back counts as done: none, lego, safe or logged.';
COMMENT ON COLUMN os_mem.region_config.strict              IS 'Whether writes wait rather than go on with one copy.';
COMMENT ON COLUMN os_mem.region_config.state               IS 'active, or lost when every copy is proven gone.';

CREATE TABLE os_mem.region_history (
  region      bigint    NOT NULL,
  epoch       bigint    NOT NULL,
  term        bigint    NOT NULL,
  home        text      NOT NULL,
  secondaries text[]    NOT NULL,
  learner     text,
  state       text      NOT NULL,
  reason      text      NOT NULL,
  decision    bigint,
  valid       tstzrange NOT NULL,
  PRIMARY KEY (region, epoch)
);
COMMENT ON TABLE  os_mem.region_history             IS 'Authority: every configuration that a region ever had, written with the change itself.';
COMMENT ON COLUMN os_mem.region_history.region      IS 'Its region.';
COMMENT ON COLUMN os_mem.region_history.epoch       IS 'Number of the configuration.';
COMMENT ON COLUMN os_mem.region_history.term        IS 'Term of the global manager that decided it.';
COMMENT ON COLUMN os_mem.region_history.home        IS 'mComponent that served it.';
COMMENT ON COLUMN os_mem.region_history.secondaries IS 'mComponents whose copies were in sync.';
COMMENT ON COLUMN os_mem.region_history.learner     IS 'mComponent that was being given a copy, if any.';
COMMENT ON COLUMN os_mem.region_history.state       IS 'active or lost.';
COMMENT ON COLUMN os_mem.region_history.reason      IS 'Why, in a few words.';
COMMENT ON COLUMN os_mem.region_history.decision    IS 'Number of the policy decision that led to it, if one did.';
COMMENT ON COLUMN os_mem.region_history.valid       IS 'From when to when it was so, by the database''s clock.';

CREATE TABLE os_mem.migration_task (
  migration  bigint      PRIMARY KEY,
  region     bigint      NOT NULL,
  source     text        NOT NULL,
  target     text        NOT NULL,
  reason     text        NOT NULL,
  state      text        NOT NULL,
  error      text,
  bytes      bigint      NOT NULL,
  rounds     integer     NOT NULL,
  pause_us   bigint      NOT NULL,
  term       bigint      NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at   timestamptz
);
COMMENT ON TABLE  os_mem.migration_task            IS 'Authority: every migration that was accepted. How far one is says the configuration of its region.';
COMMENT ON COLUMN os_mem.migration_task.migration  IS 'Its number, never used again.';
COMMENT ON COLUMN os_mem.migration_task.region     IS 'Region that moves.';
COMMENT ON COLUMN os_mem.migration_task.source     IS 'Home that it leaves.';
COMMENT ON COLUMN os_mem.migration_task.target     IS 'Home that it gets.';
COMMENT ON COLUMN os_mem.migration_task.reason     IS 'requested, drain or balance.';
COMMENT ON COLUMN os_mem.migration_task.state      IS 'reserving, copying, handing_off, done, aborted or failed.';
COMMENT ON COLUMN os_mem.migration_task.error      IS 'Why it did not come to its end, in one line.';
COMMENT ON COLUMN os_mem.migration_task.bytes      IS 'Bytes that were copied.';
COMMENT ON COLUMN os_mem.migration_task.rounds     IS 'How often the region was gone through.';
COMMENT ON COLUMN os_mem.migration_task.pause_us   IS 'How long no write was answered; 0 when it is not known.';
COMMENT ON COLUMN os_mem.migration_task.term       IS 'Term of the global manager that last changed the row.';
COMMENT ON COLUMN os_mem.migration_task.started_at IS 'When it was accepted.';
COMMENT ON COLUMN os_mem.migration_task.ended_at   IS 'When it was done, aborted or failed; none before.';
CREATE INDEX migration_task_open ON os_mem.migration_task (migration) WHERE ended_at IS NULL;
COMMENT ON INDEX os_mem.migration_task_open IS 'Those that a new leader goes on with.';

-- Rights ------------------------------------------------------------------------------------------

GRANT SELECT, UPDATE ON os_res.leader TO rack_manager;
GRANT SELECT, INSERT ON os_res.leader_history, os_sched.process_history TO rack_manager;
GRANT SELECT, INSERT, UPDATE ON os_mem.region_history TO rack_manager;
GRANT SELECT, INSERT, UPDATE, DELETE
  ON os_sched.process_config, os_mem.region_config, os_mem.migration_task TO rack_manager;
