package dev.cprkit.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Updates between builds of the emulator that declare a device's state differently: real processes of each. */
@Timeout(180)
class VersionsIT {
    @TempDir
    private Path folder;

    private BareGuest guest;

    @BeforeEach
    void prepare() {
        guest = new BareGuest(folder.resolve("console"));
    }

    private List<String> options() {
        List<String> options = new ArrayList<>(BareGuest.machine());
        options.addAll(guest.consoleOptions());
        options.addAll(List.of("-kernel", BareGuest.image().toString()));
        return options;
    }

    private VmProcess start(String name, Optional<OtherBuild> build, List<String> options) throws Exception {
        return build.isPresent()
                ? VmProcess.start(VmCommand.of(build.get().classes(folder), List.of()), folder, name, options)
                : VmProcess.start(folder, name, options);
    }

    private VmProcess boot(Optional<OtherBuild> build) throws Exception {
        VmProcess old = start("old", build, options());
        old.qmp();
        guest.awaitCount(2);
        return old;
    }

    private VmProcess next(String name, Optional<OtherBuild> build) throws Exception {
        List<String> options = options();
        options.addAll(List.of("-incoming", "unix:" + Updates.mainPath(folder)));
        options.addAll(
                List.of("-incoming", "cpr,addr.transport=socket,addr.type=unix,addr.path=" + Updates.cprPath(folder)));
        VmProcess next = start(name, build, options);
        Await.until(
                VmProcess.LIMIT,
                () -> "a cpr socket; it printed: " + next.output(),
                () -> VmProcess.isListening(Updates.cprPath(folder)) || !next.isAlive());
        return next;
    }

    private void moves(VmProcess old, VmProcess next) throws Exception {
        Updates.migrate(old, folder, Updates.Main.UNIX);
        next.awaitStatus("running");
        old.awaitStatus("postmigrate");
        old.execute("quit");
        assertThat(old.awaitExit()).isZero();
        guest.awaitCount(guest.count() + 2);
        assertThat(guest.unbroken()).isTrue();
        assertThat(guest.boots()).isEqualTo(1);
    }

    private void refused(Optional<OtherBuild> from, Optional<OtherBuild> to, String reason) throws Exception {
        try (VmProcess old = boot(from);
                VmProcess next = next("next", to)) {
            Updates.migrate(old, folder, Updates.Main.UNIX);
            assertThat(next.awaitExit()).isEqualTo(1);
            assertThat(next.output()).contains("the new process cannot load this guest's state: " + reason);
            old.awaitMigration("failed");
            assertThat(old.execute("query-migrate").get("error-desc").asText())
                    .isEqualTo("the new process cannot load this guest's state: " + reason);
            assertThat(old.events()).doesNotContain("STOP");
            assertThat(old.status()).isEqualTo("running");
            guest.awaitCount(guest.count() + 2);
            assertThat(guest.unbroken()).isTrue();
        }
    }

    /** An exec of another build: the guest never stops, and the next try takes it. */
    private void execRefused(Optional<OtherBuild> from, Optional<OtherBuild> to, String reason) throws Exception {
        try (VmProcess old = boot(from)) {
            Path state = folder.resolve("state");
            execTo(old, to, state);
            old.awaitMigration("failed");
            assertThat(old.execute("query-migrate").get("error-desc").asText())
                    .startsWith("the next program, ")
                    .endsWith(", cannot go on with this guest: " + reason);
            assertThat(old.events()).doesNotContain("STOP");
            assertThat(old.status()).isEqualTo("running");
            assertThat(state).doesNotExist();
            execTo(old, from, state);
            old.awaitNextProgram();
            old.awaitStatus("running");
            guest.awaitCount(guest.count() + 2);
            assertThat(guest.unbroken()).isTrue();
            assertThat(guest.boots()).isEqualTo(1);
        }
    }

    private void execTo(VmProcess old, Optional<OtherBuild> build, Path state) throws Exception {
        List<String> options = options();
        options.addAll(List.of("-incoming", "file:" + state));
        options.addAll(List.of("-qmp", "unix:" + old.qmpPath() + ",server=on,wait=off"));
        List<String> command =
                build.isPresent() ? VmCommand.of(build.get().classes(folder), options) : VmProcess.command(options);
        old.execute(
                "migrate-set-parameters",
                "{'mode':'cpr-exec','cpr-exec-command':" + new ObjectMapper().writeValueAsString(command) + "}");
        old.execute("migrate", "{'uri':'file:" + state + "'}");
    }

    @Test
    void anExecOfABuildThatCannotLoadTheStateIsRefusedBeforeTheGuestStops() throws Exception {
        execRefused(
                Optional.empty(),
                Optional.of(OtherBuild.RAISED),
                "goldfish_rtc: incoming version_id 3 is too old for local minimum version_id 4");
    }

    @Test
    void anExecBackOfABuildWhoseFieldWasUsedIsRefusedBeforeTheGuestStops() throws Exception {
        execRefused(
                Optional.of(OtherBuild.FIELD_USED),
                Optional.empty(),
                "VM subsection 'goldfish_rtc/rings' in 'goldfish_rtc' does not exist");
    }

    @Test
    void toABuildWithAFieldMoreAndBack() throws Exception {
        try (VmProcess old = boot(Optional.empty());
                VmProcess later = next("later", Optional.of(OtherBuild.FIELD_MORE))) {
            moves(old, later);
            try (VmProcess back = next("back", Optional.empty())) {
                moves(later, back);
            }
        }
    }

    @Test
    void aFieldThatWasUsedDoesNotGoBack() throws Exception {
        refused(
                Optional.of(OtherBuild.FIELD_USED),
                Optional.empty(),
                "VM subsection 'goldfish_rtc/rings' in 'goldfish_rtc' does not exist");
    }

    @Test
    void aBuildThatCannotLoadTheOldStateRefusesBeforeTheGuestStops() throws Exception {
        refused(
                Optional.empty(),
                Optional.of(OtherBuild.RAISED),
                "goldfish_rtc: incoming version_id 3 is too old for local minimum version_id 4");
    }

    @Test
    void aBuildOfANewerVersionIsRefusedByAnOlderOne() throws Exception {
        refused(Optional.of(OtherBuild.RAISED), Optional.empty(), "unsupported version 4 for 'goldfish_rtc' v3");
    }
}
