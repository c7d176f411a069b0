package dev.cprkit.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A guest that writes its memory faster than it can be sent, and that capability auto-converge slows down. */
@Timeout(120)
class AutoConvergeIT {
    /** 16 MiB, which the guest has written anew when they are sent, take 0.4 s; the guest may stand still for 0.1 s. */
    private static final String LIMITS = "'max-bandwidth':40000000,'downtime-limit':100";

    private static final long AFFORDABLE_BYTES = 4_000_000;
    private static final int DOTS = 20;

    /** More of a guest's time than it has when it is slowed down. */
    private static final double MOST = 0.6;

    @TempDir
    private Path folder;

    private SweepingGuest guest;

    private static int throttle(VmProcess vm) throws Exception {
        return vm.execute("query-migrate").path("cpu-throttle-percentage").asInt();
    }

    private VmProcess next(String name) throws Exception {
        VmProcess next = VmProcess.start(folder, name, guest.options(folder, "-incoming", "defer"));
        next.execute("migrate-incoming", "{'uri':'" + uri() + "'}");
        return next;
    }

    private String uri() {
        return "unix:" + folder.resolve("main.sock");
    }

    @Test
    void aGuestThatWritesTooFastIsSlowedDownUntilItCanBeCaughtUpWith() throws Exception {
        guest = new SweepingGuest(folder.resolve("console"), SweepingGuest.Pace.STEADY);
        try (VmProcess old = VmProcess.start(folder, "old", guest.options(folder))) {
            assertThat(busy(old)).as("of its time").isGreaterThan(MOST);
            old.execute("migrate-set-capabilities", "{'capabilities':[{'capability':'auto-converge','state':true}]}");
            isSlowedDownUntilTheMigrationIsCancelled(old);
            assertThat(busy(old)).as("after the cancel").isGreaterThan(MOST);
            arrivesWhenItMayBeSlowedDownFurther(old);
            assertThat(guest.unharmed()).isTrue();
        }
    }

    /** As slow as the guest may get here, it is still too fast. */
    private void isSlowedDownUntilTheMigrationIsCancelled(VmProcess old) throws Exception {
        try (VmProcess next = next("first")) {
            old.execute(
                    "migrate-set-parameters",
                    "{" + LIMITS + ",'cpu-throttle-initial':20,'cpu-throttle-increment':60,'max-cpu-throttle':80}");
            old.execute("migrate", "{'uri':'" + uri() + "'}");
            Await.until(VmProcess.LIMIT, () -> "throttle", () -> throttle(old) > 0);
            assertThat(throttle(old)).as("cpu-throttle-initial").isEqualTo(20);
            Await.until(VmProcess.LIMIT, () -> "more throttle", () -> throttle(old) > 20);
            assertThat(throttle(old)).as("max-cpu-throttle").isEqualTo(80);
            assertThat(busy(old)).as("when it rests for 80 %").isBetween(0.01, 0.8);
            assertThat(old.migration()).isEqualTo("active");
            old.execute("migrate_cancel");
            old.awaitMigration("cancelled");
            assertThat(old.execute("query-migrate").has("cpu-throttle-percentage"))
                    .isFalse();
            assertThat(next.awaitExit()).isEqualTo(1);
        }
    }

    private void arrivesWhenItMayBeSlowedDownFurther(VmProcess old) throws Exception {
        try (VmProcess next = next("second")) {
            old.execute(
                    "migrate-set-parameters",
                    "{'cpu-throttle-initial':40,'cpu-throttle-increment':59,'max-cpu-throttle':99}");
            old.execute("migrate", "{'uri':'" + uri() + "'}");
            TreeSet<Integer> throttles = new TreeSet<>();
            Await.until(VmProcess.LIMIT, () -> "its arrival; throttled by " + throttles, () -> {
                throttles.add(throttle(old));
                return old.migration().equals("completed");
            });
            assertThat(throttles).containsExactly(0, 40, 99);
            JsonNode info = old.execute("query-migrate");
            assertThat(info.has("cpu-throttle-percentage")).isFalse();
            assertThat(info.get("ram").get("downtime-bytes").asLong()).isBetween(1L, 2 * AFFORDABLE_BYTES);
            next.awaitStatus("running");
            assertThat(busy(next)).as("in the new process").isGreaterThan(MOST);
        }
    }

    /**
     * For which share of some rounds the vCPU ran or waited for a host's CPU (proc_pid_schedstat(5)): that one is busy with
     * other things is no rest, and changes nothing in it.
     */
    private double busy(VmProcess vm) throws Exception {
        long thread = vm.execute("query-cpus-fast").get(0).get("thread-id").asLong();
        Path times = Path.of("/proc/" + vm.pid() + "/task/" + thread + "/schedstat");
        guest.awaitDots(guest.dots() + 1);
        long began = System.nanoTime();
        long before = ran(times);
        guest.awaitDots(guest.dots() + DOTS);
        return (double) (ran(times) - before) / (System.nanoTime() - began);
    }

    private static long ran(Path times) throws Exception {
        String[] words = Files.readString(times).strip().split(" ", -1);
        return Long.parseLong(words[0]) + Long.parseLong(words[1]);
    }
}
