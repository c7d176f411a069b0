package dev.cprkit.it.cprctl;

import dev.cprkit.it.vm.VmProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** The emulator of the classes under test as one file, as an installation has it. */
public final class VmmUnderTest {
    private VmmUnderTest() {}

    /** Makes the file {@code vmm} in a folder. */
    public static Path launcher(Path folder) throws IOException {
        Path launcher = folder.resolve("vmm");
        List<String> words = new ArrayList<>(VmProcess.command(List.of()));
        words.add(words.indexOf("-cp"), "-Dcprkit.launcher=" + launcher);
        Files.writeString(launcher, "#!/bin/sh\nexec '" + String.join("' '", words) + "' \"$@\"\n");
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
        return launcher;
    }
}
