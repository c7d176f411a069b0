package dev.cprkit.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client of an earlier form of live update (reference/qemu-cpr.md, section 1.8) gets its guest updated. */
class EarlierFormsIT {
    @TempDir
    private Path folder;

    private VmProcess start(BareGuest guest, String name, String machine, String... more) throws Exception {
        List<String> options = new ArrayList<>(
                List.of("-machine", machine, "-m", "64M", "-nodefaults", "-display", "none", "-kernel"));
        options.add(BareGuest.image().toString());
        options.addAll(guest.consoleOptions());
        options.addAll(List.of(more));
        return VmProcess.start(folder, name, options);
    }

    @Test
    void anonymousMemoryGoesToWhereACprUriLeads() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        String cpr = "unix:" + Updates.cprPath(folder);
        String main = "unix:" + Updates.mainPath(folder);
        try (VmProcess old = start(guest, "old", "virt,anon-alloc=memfd")) {
            guest.awaitCount(2);
            try (VmProcess next = start(guest, "new", "virt,memfd-alloc=on", "-incoming", main, "-cpr-uri", cpr)) {
                Await.until(
                        VmProcess.LIMIT,
                        () -> "a cpr socket; it printed: " + next.output(),
                        () -> VmProcess.isListening(Updates.cprPath(folder)) || !next.isAlive());
                old.execute("migrate-set-parameters", "{'mode':'cpr-transfer','cpr-uri':'" + cpr + "'}");
                old.execute("migrate", "{'uri':'" + main + "'}");
                old.awaitMigration("completed");
                next.awaitStatus("running");
                guest.awaitCount(guest.count() + 2);
                assertThat(guest.unbroken()).isTrue();
                assertThat(guest.boots()).isEqualTo(1);
                assertThat(next.output())
                        .contains("warning: -machine memfd-alloc is an earlier form")
                        .contains("warning: -cpr-uri is an earlier form");
                assertThat(next.execute("query-migrate-parameters").get("mode").asText())
                        .isEqualTo("normal");
            }
            assertThat(old.output()).containsOnlyOnce("warning: cpr-uri is an earlier form");
        }
    }

    @Test
    void aGuestIsSavedAndLoaded() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        Path file = folder.resolve("state");
        try (VmProcess old = start(guest, "old", "virt")) {
            guest.awaitCount(2);
            old.execute("cpr-save", "{'filename':'" + file + "','mode':'reboot'}");
            assertThat(old.status()).isEqualTo("postmigrate");
            assertThat(file).isRegularFile();
            old.execute("quit");
            assertThat(old.awaitExit()).isZero();
        }
        long before = guest.count();
        try (VmProcess next = start(guest, "new", "virt", "-incoming", "defer", "-S")) {
            next.execute("cpr-load", "{'filename':'" + file + "'}");
            assertThat(next.status()).isEqualTo("running");
            guest.awaitCount(before + 2);
            assertThat(guest.unbroken()).isTrue();
            assertThat(guest.boots()).isEqualTo(1);
            assertThat(next.refused("cpr-load", "{'filename':'" + file + "'}"))
                    .isEqualTo("cpr-load called for a running VM");
            assertThat(next.output()).containsOnlyOnce("warning: cpr-load is an earlier form");
        }
    }
}
