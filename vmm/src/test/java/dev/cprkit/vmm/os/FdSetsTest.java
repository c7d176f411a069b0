package dev.cprkit.vmm.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.proto.os.Errno;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FdSetsTest {
    @TempDir
    private Path folder;

    private final FdSets sets = new FdSets();

    @Test
    void opensWhatIsOpenInTheWayThatIsAskedFor() throws Exception {
        Path file = folder.resolve("f");
        Files.writeString(file, "before");
        int reader = Fds.open(file.toString(), Fds.O_RDONLY, 0);
        int writer = Fds.open(file.toString(), Fds.O_WRONLY, 0);
        assertThat(sets.add(OptionalLong.empty(), reader, Optional.of("r"))).isZero();
        assertThat(sets.add(OptionalLong.of(0), writer, Optional.empty())).isZero();
        assertThat(sets.add(OptionalLong.empty(), Fds.dup(reader), Optional.empty()))
                .isEqualTo(1);

        int read = sets.open("/dev/fdset/0", Fds.O_RDONLY, 0);
        byte[] bytes = new byte[10];
        assertThat(Fds.read(read, bytes, 0, 10)).isEqualTo(6);
        int written = sets.open("/dev/fdset/0", Fds.O_WRONLY | Fds.O_CREAT | Fds.O_TRUNC, 0666);
        assertThat(file).isEmptyFile();
        assertThat(read).isNotEqualTo(reader);
        Fds.close(read);
        Fds.close(written);

        refused("/dev/fdset/0", Fds.O_RDWR, Errno.EACCES);
        refused("/dev/fdset/1", Fds.O_WRONLY, Errno.EACCES);
        refused("/dev/fdset/2", Fds.O_RDONLY, Errno.ENOENT);
        refused("/dev/fdset/x", Fds.O_RDONLY, Errno.EINVAL);
        int ordinary = sets.open(file.toString(), Fds.O_RDONLY, 0);
        Fds.close(ordinary);

        assertThat(sets.remove(0, OptionalLong.of(99))).isFalse();
        assertThat(sets.remove(0, OptionalLong.of(reader))).isTrue();
        assertThat(Fds.isOpen(reader)).isFalse();
        refused("/dev/fdset/0", Fds.O_RDONLY, Errno.EACCES);
        assertThat(sets.remove(0, OptionalLong.empty())).isTrue();
        assertThat(sets.remove(1, OptionalLong.empty())).isTrue();
        assertThat(sets.all()).isEmpty();
        assertThat(Fds.isOpen(writer)).isFalse();
    }

    private void refused(String path, int flags, int errno) {
        assertThatThrownBy(() -> sets.open(path, flags, 0))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }
}
