package dev.cprkit.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.agent.home.Home;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class VmRegistryTest {
    private static final Instant SINCE = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir
    private Path folder;

    private VmRegistry registry;

    @BeforeEach
    void start() {
        registry = new VmRegistry(new Home(folder.resolve("run"), folder.resolve("state")));
    }

    private static VmRecord vm(String name) {
        return new VmRecord(
                new VmName(name),
                VmRecord.Origin.LAUNCHED,
                Path.of("/r", name, "qmp.sock"),
                List.of("/bin/vmm", "-append", "a \"b\" ö"),
                SINCE);
    }

    @Test
    void whatIsAddedIsFoundUntilItIsRemoved() throws Exception {
        assertThat(registry.list()).isEqualTo(new NamedFolders.Listing<>(List.of(), List.of()));
        registry.add(vm("b"));
        registry.add(vm("a"));
        assertThat(registry.list().vms()).containsExactly(vm("a"), vm("b"));
        assertThat(registry.find(new VmName("a"))).contains(vm("a"));
        assertThat(registry.withQmp(Path.of("/r/b/qmp.sock"))).contains(vm("b"));
        assertThat(registry.withQmp(Path.of("/r/c/qmp.sock"))).isEmpty();
        Files.createFile(registry.folder(new VmName("a")).resolve("log"));
        assertThat(registry.remove(new VmName("a"))).isTrue();
        assertThat(registry.remove(new VmName("a"))).isFalse();
        assertThat(registry.find(new VmName("a"))).isEmpty();
        assertThat(registry.folder(new VmName("a"))).doesNotExist();
        assertThat(registry.list().vms()).containsExactly(vm("b"));
    }

    @Test
    void nobodyElseSeesTheFolders() throws Exception {
        registry.add(vm("a"));
        for (Path one : List.of(folder.resolve("run"), folder.resolve("run/vms"), folder.resolve("run/vms/a"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(one)))
                    .as(one.toString())
                    .isEqualTo("rwx------");
        }
        try (Stream<Path> files = Files.list(folder.resolve("run/vms/a"))) {
            assertThat(files).containsExactly(folder.resolve("run/vms/a/vm.json"));
        }
    }

    @Test
    void aFolderThatOthersCanWriteIsRefused() throws Exception {
        registry.add(vm("a"));
        Files.setPosixFilePermissions(folder.resolve("run/vms"), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> registry.add(vm("b")))
                .isInstanceOf(IOException.class)
                .hasMessage(folder.resolve("run/vms") + " can be written by others; run chmod 0700 "
                        + folder.resolve("run/vms"));
    }

    @Test
    void aFolderInWhosePlaceAnybodyCouldPutAnotherIsRefused() throws Exception {
        Path place = folder.resolve("run");
        registry.add(vm("a"));
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxrwxrwx"));
        String why = place + " can be written by everybody; run chmod o-w " + place;
        assertThatThrownBy(() -> registry.add(vm("b"))).hasMessage(why);
        assertThatThrownBy(() -> registry.find(new VmName("a"))).hasMessage(why);
        assertThatThrownBy(() -> registry.list()).hasMessage(why);
        Files.setAttribute(place, "unix:mode", 01777); // as /tmp is
        assertThat(registry.find(new VmName("a"))).isPresent();
    }

    @Test
    void aLinkToAFolderIsNotFollowed() throws Exception {
        registry.add(vm("a"));
        Files.move(folder.resolve("run/vms"), folder.resolve("run/other"));
        Files.createSymbolicLink(folder.resolve("run/vms"), folder.resolve("run/other"));
        String why = folder.resolve("run/vms") + " is not a folder; remove it";
        assertThatThrownBy(() -> registry.find(new VmName("a"))).hasMessage(why);
        assertThatThrownBy(() -> registry.list()).hasMessage(why);
    }

    @Test
    void aNameIsGivenOnceEvenToManyAtOnce() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Boolean>> attempts = IntStream.range(0, 16)
                    .mapToObj(i -> (Callable<Boolean>) () -> {
                        try {
                            registry.add(vm("a"));
                            return true;
                        } catch (FileAlreadyExistsException e) {
                            assertThat(e).hasMessage("there is a VM named a already");
                            return false;
                        }
                    })
                    .toList();
            long won = 0;
            for (var attempt : threads.invokeAll(attempts)) {
                won += attempt.get() ? 1 : 0;
            }
            assertThat(won).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`{}`                                        | its schema is not cprkit/1",
                "x                                           | it is not JSON",
                "{\"name\":\"a\"}                            | its schema is not cprkit/1",
                "{\"schema\":\"cprkit/1\",\"name\":\"b\"}    | it is not about a",
                "{\"schema\":\"cprkit/1\",\"name\":\"a\"}    | it names no QMP socket",
                "{\"schema\":\"cprkit/1\",\"name\":\"a\",\"qmp\":\"/q\"} "
                        + "| it does not tell whether the VM was launched or adopted",
                "{\"schema\":\"cprkit/1\",\"name\":\"a\",\"qmp\":\"/q\",\"origin\":\"adopted\"} | its time is not one",
            })
    void aDamagedFileIsNamedAndHidesNoOther(String text, String why) throws Exception {
        registry.add(vm("a"));
        registry.add(vm("b"));
        Path file = registry.folder(new VmName("a")).resolve("vm.json");
        Files.writeString(file, text);
        String sentence = file + " is damaged: " + why;
        assertThat(registry.list()).isEqualTo(new NamedFolders.Listing<>(List.of(vm("b")), List.of(sentence)));
        assertThatThrownBy(() -> registry.find(new VmName("a"))).hasMessage(sentence);
        assertThat(registry.remove(new VmName("a"))).isTrue();
    }
}
