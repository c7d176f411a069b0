package dev.cprkit.vmm.cpr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.os.SharedPage;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Old and new map the page each on their own, as two processes do. */
class OwnershipTest {
    @Test
    void passesFromOneToTheNext() throws Exception {
        try (Ownership old = Ownership.begin(3);
                Ownership next = Ownership.join(Fds.dup(old.fd()))) {
            assertThat(old.joined()).isTrue();
            assertThat(next.generation()).isEqualTo(4);
            assertThat(next.take()).as("not released yet").isFalse();
            assertThat(old.release()).isTrue();
            assertThat(old.isOwner()).isFalse();
            assertThat(next.take()).isTrue();
            assertThat(old.isTaken()).isTrue();
            assertThat(next.isOwner()).isTrue();
            assertThat(old.reclaim()).isFalse();
            assertThat(old.release()).isFalse();
        }
    }

    @Test
    void whoReclaimsKeepsIt() throws Exception {
        try (Ownership old = Ownership.begin(1);
                Ownership next = Ownership.join(Fds.dup(old.fd()))) {
            assertThat(old.reclaim()).as("never gave it away").isTrue();
            old.release();
            assertThat(old.reclaim()).isTrue();
            assertThat(next.take()).isFalse();
        }
    }

    @Test
    void ofTakeAndReclaimExactlyOneSucceeds() throws Exception {
        for (int round = 0; round < 2000; round++) {
            try (Ownership old = Ownership.begin(1);
                    Ownership next = Ownership.join(Fds.dup(old.fd()))) {
                CyclicBarrier start = new CyclicBarrier(2);
                assertThat(old.release()).isTrue();
                FutureTask<Boolean> taken = inThread(() -> {
                    start.await(20, TimeUnit.SECONDS);
                    return next.take();
                });
                start.await(20, TimeUnit.SECONDS);
                boolean reclaimed = old.reclaim();
                assertThat(reclaimed).isNotEqualTo(taken.get(20, TimeUnit.SECONDS));
                assertThat(old.isOwner()).isEqualTo(reclaimed);
                assertThat(next.isOwner()).isNotEqualTo(reclaimed);
            }
        }
    }

    @Test
    void aPageOfAnotherKindIsRefused() throws Exception {
        try (SharedPage page = SharedPage.create("other")) {
            int fd = Fds.dup(page.fd());
            assertThatThrownBy(() -> Ownership.join(fd)).hasMessageContaining("of a kind");
            assertThat(Fds.isOpen(fd)).isFalse();
        }
        int file = Fds.open("/dev/null", Fds.O_RDWR, 0);
        assertThatThrownBy(() -> Ownership.join(file)).hasMessageContaining("is not a sealed memfd");
        assertThat(Fds.isOpen(file)).isFalse();
    }

    @Test
    void eachSideSeesTheOthersStamps() throws Exception {
        try (Ownership old = Ownership.begin(1);
                Ownership next = Ownership.join(Fds.dup(old.fd()))) {
            PauseTimeline source = new PauseTimeline(true);
            source.pass(Checkpoint.MIGRATE_RECEIVED, 5);
            source.share(old);
            source.pass(Checkpoint.LAST_GUEST_INSTRUCTION, 100);
            source.pass(Checkpoint.LAST_GUEST_INSTRUCTION, 101);
            PauseTimeline target = new PauseTimeline(false);
            target.share(next);
            assertThat(target.pause()).isEmpty();
            target.pass(Checkpoint.FIRST_GUEST_INSTRUCTION, 150);
            assertThat(target.pause()).hasValue(50);
            assertThat(source.pause()).hasValue(50);
            assertThat(target.at(Checkpoint.MIGRATE_RECEIVED)).hasValue(5);
            source.unshare();
            assertThat(source.pause()).hasValue(50);
        }
    }

    @Test
    void nanoTimeIsTheMonotonicClock() throws Exception {
        // /proc/uptime is CLOCK_BOOTTIME, the same but for time asleep; both processes must read one clock
        String uptime = java.nio.file.Files.readString(java.nio.file.Path.of("/proc/uptime"));
        double seconds = Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')));
        assertThat(System.nanoTime() / 1e9).isBetween(0.0, seconds + 1);
    }

    private static <T> FutureTask<T> inThread(Callable<T> action) {
        FutureTask<T> task = new FutureTask<>(action);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }
}
