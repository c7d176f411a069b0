package dev.cprkit.vmm.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.Sockets;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainLoopTest {
    private static final long SECOND = 1_000_000_000L;

    private final MachineLock lock = new MachineLock();
    private final List<String> log = new ArrayList<>();
    private MainLoop loop;

    @BeforeEach
    void open() throws Exception {
        loop = new MainLoop(lock);
        lock.lock();
    }

    @AfterEach
    void close() {
        lock.unlock();
        loop.close();
    }

    @Test
    void timersFireInOrderOfTheirDeadlines() throws Exception {
        long now = loop.hostClock().now();
        loop.hostClock().timer(() -> log.add("second")).arm(now + 2_000_000);
        loop.hostClock().timer(() -> log.add("first")).arm(now + 1_000_000);
        Clock.Timer cancelled = loop.hostClock().timer(() -> log.add("cancelled"));
        cancelled.arm(now);
        cancelled.cancel();
        turnUntil(() -> log.size() == 2);
        assertThat(log).containsExactly("first", "second");
        assertThat(cancelled.deadline()).isEqualTo(-1);
    }

    @Test
    void guestTimersWaitWhileTheGuestsClockIsStopped() throws Exception {
        loop.vmClock().timer(() -> log.add("guest")).arm(0);
        loop.turn(1_000_000);
        assertThat(log).isEmpty();
        loop.vmClock().start();
        turnUntil(() -> !log.isEmpty());
        assertThat(log).containsExactly("guest");
    }

    @Test
    void anotherThreadsPostWakesTheLoop() throws Exception {
        Thread other = Thread.ofPlatform().start(() -> loop.post(() -> log.add("posted")));
        turnUntil(() -> !log.isEmpty());
        other.join(10_000);
        assertThat(log).containsExactly("posted");
    }

    @Test
    void aThreadThatPostsWhenTheLoopIsOverIsNotTold() throws Exception {
        loop.close();
        CompletableFuture.runAsync(() -> loop.post(() -> log.add("posted"))).get(10, TimeUnit.SECONDS);
        assertThat(log).isEmpty();
    }

    @Test
    void anEarlierDeadlineSetByAnotherThreadShortensTheWait() throws Exception {
        CountDownLatch armed = new CountDownLatch(1);
        Thread other = Thread.ofPlatform().start(() -> {
            lock.lock(); // only granted while the loop waits
            try {
                loop.hostClock().timer(() -> log.add("early")).arm(System.nanoTime());
                armed.countDown();
            } finally {
                lock.unlock();
            }
        });
        long start = System.nanoTime();
        while (log.isEmpty() && System.nanoTime() - start < 20 * SECOND) {
            loop.turn(60 * SECOND);
        }
        other.join(10_000);
        assertThat(armed.await(0, TimeUnit.SECONDS)).isTrue();
        assertThat(log).containsExactly("early");
    }

    @Test
    void aReadyDescriptorIsHandledAndAClosedWatchIsNot(@TempDir Path folder) throws Exception {
        String path = folder.resolve("s").toString();
        int listener = Sockets.listenUnix(path, 1);
        int client = Sockets.connectUnix(path);
        int server = Sockets.accept(listener);
        try {
            byte[] buffer = new byte[8];
            List<EventLoop.Watch> watches = new ArrayList<>();
            watches.add(loop.watch(server, EventLoop.READABLE, ready -> {
                try {
                    int n = Fds.read(server, buffer, 0, buffer.length);
                    log.add(new String(buffer, 0, n, StandardCharsets.US_ASCII));
                    watches.getFirst().close();
                } catch (Exception e) {
                    log.add(e.getMessage());
                }
            }));
            Fds.write(client, new byte[] {'h', 'i'}, 0, 2);
            turnUntil(() -> !log.isEmpty());
            Fds.write(client, new byte[] {'!'}, 0, 1);
            loop.turn(1_000_000);
            assertThat(log).containsExactly("hi");
        } finally {
            Fds.close(server);
            Fds.close(client);
            Fds.close(listener);
        }
    }

    @Test
    void aMistakeCostsWhatMadeItAndNothingElse() throws Exception {
        loop.close();
        List<String> mistakes = new ArrayList<>();
        loop = new MainLoop(lock, mistakes::add);
        int[] pipe = Fds.pipe();
        try {
            loop.hostClock()
                    .timer(() -> {
                        throw new IllegalStateException("timer");
                    })
                    .arm(0);
            loop.post(() -> {
                throw new StackOverflowError("post");
            });
            loop.post(() -> log.add("posted"));
            EventLoop.Watch bad = loop.watch(pipe[0], EventLoop.READABLE, ready -> {
                throw new IllegalStateException("watch");
            });
            loop.watch(pipe[0], EventLoop.READABLE, ready -> log.add("ready"));
            turnUntil(() -> !log.isEmpty());
            assertThat(mistakes).hasSize(2).allMatch(text -> text.startsWith("a mistake inside vmm, which goes on: "));
            assertThat(mistakes.getFirst()).contains("timer at dev.cprkit.vmm.run.MainLoopTest.");
            Fds.write(pipe[1], new byte[] {1}, 0, 1);
            for (int i = 0; i < 100; i++) {
                loop.turn(SECOND / 10);
            }
            assertThat(mistakes).as("a handler that always throws is given up").hasSize(2 + 16);
            assertThat(log).contains("posted", "ready");
            bad.close();
        } finally {
            Fds.close(pipe[0]);
            Fds.close(pipe[1]);
        }
    }

    private void turnUntil(BooleanSupplier condition) throws Exception {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - start).as("ns waited").isLessThan(20 * SECOND);
            loop.turn(SECOND / 10);
        }
    }
}
