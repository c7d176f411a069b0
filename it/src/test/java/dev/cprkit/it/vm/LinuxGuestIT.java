package dev.cprkit.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Debian's own kernel boots, and goes from process to process, three times in a row in each mode, or as often as {@code
 * -Dcprkit.moves} says: {@code mvn -B verify -Dit.test=LinuxGuestIT -Dcprkit.moves=10}. Skipped where bin/guest-linux cannot
 * make it.
 */
@Timeout(600)
class LinuxGuestIT {
    private static final int IN_A_ROW = Integer.getInteger("cprkit.moves", 3);
    private static final int ALL = 6;
    private static final String PROMPT = "~ # ";

    /**
     * What the guest is when it moves. The first three moves in a row have each of these, the first six each with each {@link
     * Journey.Told}; the others leave out sleep, which takes the guest the longest.
     */
    private enum State {
        RUNNING,
        STOPPED,
        ASLEEP
    }

    @TempDir
    private Path folder;

    private TypedConsole console;
    private LinuxGuest guest;
    private Journey journey;

    @Test
    void linuxLivesThroughEveryModeRunningStoppedAndAsleep() throws Exception {
        console = new TypedConsole(folder, folder.resolve("console"));
        guest = new LinuxGuest(console.printed());
        List<String> machine = new ArrayList<>(BareGuest.machine("256M"));
        machine.addAll(LinuxImage.options(folder));
        Journey.Machine options = process -> {
            List<String> all = new ArrayList<>(machine);
            all.addAll(console.options(process));
            return all;
        };
        try (Journey begun = Journey.begin(folder, options)) {
            journey = begun;
            guest.awaitCount(2);
            for (Journey.Mode mode : Journey.Mode.values()) {
                for (int i = 0; i < IN_A_ROW; i++) {
                    State state = State.values()[i % (i < ALL ? 3 : 2)];
                    Journey.Told told = Journey.Told.values()[(i + mode.ordinal()) % Journey.Told.values().length];
                    String move = mode + ", the " + (i + 1) + "th time, " + state + ", told " + told;
                    switch (state) {
                        case RUNNING -> moveRunning(mode, told);
                        case STOPPED -> moveStopped(mode, told);
                        case ASLEEP -> moveAsleep(mode, told);
                    }
                    guest.awaitCount(guest.count() + 1);
                    assertThat(guest.complaint()).as(move).isEmpty();
                }
            }
            assertThat(guest.text()).contains("SBI SUSP extension detected", "PM: suspend entry (deep)");
        }
    }

    private void moveRunning(Journey.Mode mode, Journey.Told told) throws Exception {
        journey.vm().awaitStatus("running");
        journey.move(mode, told);
        journey.vm().awaitStatus("running");
    }

    private void moveStopped(Journey.Mode mode, Journey.Told told) throws Exception {
        journey.vm().execute("stop");
        long count = guest.count();
        journey.move(mode, told);
        journey.vm().awaitStatus("paused");
        assertThat(guest.count()).isEqualTo(count);
        journey.vm().execute("cont");
        journey.vm().awaitStatus("running");
    }

    private void moveAsleep(Journey.Mode mode, Journey.Told told) throws Exception {
        int shells = guest.times(PROMPT);
        try (SocketChannel keys = console.open(journey.name())) {
            TypedConsole.type(keys, "x");
            guest.await(PROMPT, shells + 1);
            TypedConsole.type(keys, "echo mem >/sys/power/state; exit\n");
            journey.vm().awaitStatus("suspended");
        }
        int awakenings = guest.times("PM: suspend exit");
        String text = guest.text();
        journey.move(mode, told);
        journey.vm().awaitStatus("suspended");
        assertThat(guest.text()).isEqualTo(text);
        journey.vm().execute("system_wakeup");
        guest.await("PM: suspend exit", awakenings + 1);
        journey.vm().awaitStatus("running");
    }
}
