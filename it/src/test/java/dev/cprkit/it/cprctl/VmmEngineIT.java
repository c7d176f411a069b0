package dev.cprkit.it.cprctl;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** The engine moves the guests of {@code vmm}, started as its launcher does. */
class VmmEngineIT extends EngineCases {
    @Override
    Optional<Path> find(Path folder) throws Exception {
        Path launcher = folder.resolve("vmm");
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Files.writeString(
                launcher,
                "#!/bin/sh\nexec " + java + " -XX:+UseSerialGC -Xmx128m"
                        + " --enable-native-access=ALL-UNNAMED -Dcprkit.launcher=" + launcher + " -cp "
                        + System.getProperty("java.class.path") + " dev.cprkit.vmm.Main \"$@\"\n");
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
        return Optional.of(launcher);
    }

    @Override
    String reason() {
        return "";
    }

    @Override
    boolean knowsExec() {
        return true;
    }

    @Override
    boolean asksNextProgram() {
        return true;
    }

    @Override
    boolean isQuick() {
        return false;
    }
}
