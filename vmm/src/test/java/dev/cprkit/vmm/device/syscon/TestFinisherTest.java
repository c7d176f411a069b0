package dev.cprkit.vmm.device.syscon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestFinisherTest {
    private final List<String> asked = new ArrayList<>();
    private final TestFinisher finisher = new TestFinisher(new PowerControl() {
        @Override
        public void shutdown(int exitStatus, boolean failure) {
            asked.add((failure ? "fail " : "off ") + exitStatus);
        }

        @Override
        public void reset() {
            asked.add("reset");
        }

        @Override
        public void watchdogExpired() {
            asked.add("watchdog");
        }

        @Override
        public void suspend() {
            asked.add("suspend");
        }

        @Override
        public void wakeUp() {
            asked.add("wake up");
        }
    });

    @Test
    void understandsTheThreeWords() {
        finisher.write(0, 4, 0x5555);
        finisher.write(0, 4, 0x7777);
        finisher.write(0, 4, 0x002a_3333);
        finisher.write(0, 2, 0x5555);
        assertThat(asked).containsExactly("off 0", "reset", "fail 42", "off 0");
    }

    @Test
    void ignoresEverythingElse() {
        finisher.write(4, 4, 0x5555);
        finisher.write(0, 4, 0x1234);
        finisher.write(0, 1, 0x55);
        assertThat(asked).isEmpty();
        assertThat(finisher.read(0, 4)).isZero();
    }
}
