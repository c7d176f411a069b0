package dev.cprkit.vmm.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.Sockets;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class YankTest {
    private static final Yank.Target FIRST = Yank.Target.chardev("a");
    private static final Yank.Target SECOND = Yank.Target.chardev("b");

    private final Yank yank = new Yank();
    private int[] sockets;
    private int[] others;

    @BeforeEach
    void connect() throws Exception {
        sockets = pair();
        others = pair();
    }

    @AfterEach
    void close() {
        for (int[] pair : List.of(sockets, others)) {
            Fds.close(pair[0]);
            Fds.close(pair[1]);
        }
    }

    @Test
    void everySocketOfATargetIsShutDownAndNoOther() throws Exception {
        Yank.Instance one = yank.register(FIRST);
        Yank.Instance two = yank.register(FIRST);
        one.connected(OptionalInt.of(sockets[0]));
        yank.register(SECOND).connected(OptionalInt.of(others[0]));
        assertThat(yank.pull(List.of(FIRST))).isTrue();
        assertThat(ended(sockets)).isTrue();
        assertThat(ended(others)).isFalse();
        two.connected(OptionalInt.of(others[0]));
        assertThat(yank.pull(List.of(FIRST))).isTrue();
        assertThat(ended(others)).isTrue();
    }

    @Test
    void ifOneTargetIsUnknownNothingIsDone() throws Exception {
        yank.register(FIRST).connected(OptionalInt.of(sockets[0]));
        assertThat(yank.pull(List.of(FIRST, SECOND))).isFalse();
        assertThat(ended(sockets)).isFalse();
    }

    @Test
    void aSocketIsSafeFromTheEndOfItsConnectionOn() throws Exception {
        Yank.Instance instance = yank.register(FIRST);
        instance.connected(OptionalInt.of(sockets[0]));
        instance.disconnected();
        assertThat(yank.pull(List.of(FIRST))).isTrue();
        instance.connected(OptionalInt.of(others[0]));
        instance.close();
        assertThat(yank.pull(List.of(FIRST))).isFalse();
        assertThat(ended(sockets)).isFalse();
        assertThat(ended(others)).isFalse();
    }

    @Test
    void oneThatTakesAnothersPlaceIsListedThere() {
        Yank.Instance before = yank.register(FIRST);
        yank.register(SECOND);
        yank.register(FIRST);
        before.close();
        assertThat(yank.targets()).containsExactly(FIRST, SECOND);
    }

    private static int[] pair() throws Exception {
        int[] pair = Sockets.pair();
        Fds.setNonBlocking(pair[1], true);
        return pair;
    }

    /** Whether the peer reads an end, rather than nothing. */
    private static boolean ended(int[] pair) throws Exception {
        return Fds.read(pair[1], new byte[1], 0, 1) == 0;
    }
}
