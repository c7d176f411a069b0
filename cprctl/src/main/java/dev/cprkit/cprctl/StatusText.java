package dev.cprkit.cprctl;

import dev.cprkit.agent.VmStatus;
import dev.cprkit.agent.vm.VmOverview;
import dev.cprkit.agent.vm.VmOverview.Presence;
import dev.cprkit.cprctl.output.Screen;
import dev.cprkit.cprctl.output.Style;
import dev.cprkit.cprctl.output.Words;
import dev.cprkit.proto.qapi.MigMode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** One VM, for people and for programs. */
final class StatusText {
    private static final String NOBODY_KNOWS = "-";

    private StatusText() {}

    /** One thing on each line. */
    static void print(Screen screen, VmOverview vm, Instant now) {
        line(screen, "VM", vm.name().map(Object::toString).orElse(NOBODY_KNOWS));
        line(screen, "guest", guest(screen, vm));
        if (!vm.problem().isEmpty()) {
            line(screen, "", vm.problem());
        }
        vm.status().ifPresent(status -> {
            line(screen, "name", status.name().isEmpty() ? NOBODY_KNOWS : status.name());
            line(screen, "process", status.pid() + " (" + status.program() + ")");
            line(screen, "version", status.version());
            line(screen, "installed", installed(vm));
            line(screen, "QMP", status.qmp() + ", generation " + status.generation());
            line(screen, "memory", (status.memoryBytes() >> 20) + " MiB");
            line(screen, "migration", status.migration() + ", mode " + status.mode());
            line(screen, "modes", modes(vm));
        });
        line(
                screen,
                "updated",
                updated(vm, now)
                        + vm.lastPause()
                                .map(p -> ", paused " + Words.milliseconds(p))
                                .orElse(""));
    }

    private static void line(Screen screen, String what, String value) {
        screen.line(String.format(Locale.ROOT, "%-10s %s", what, value));
    }

    /** The run state, or why there is none. */
    static String guest(Screen screen, VmOverview vm) {
        return switch (vm.presence()) {
            case ANSWERS -> vm.status().map(VmStatus::runState).orElse(NOBODY_KNOWS);
            case SILENT -> screen.styled(Style.WARNING, Presence.SILENT.presenceName());
            case GONE -> screen.styled(Style.BAD, Presence.GONE.presenceName());
        };
    }

    private static String installed(VmOverview vm) {
        String version = vm.installedVersion().map(v -> v + ": ").orElse("");
        return version + vm.program().meaning();
    }

    /** The modes by their short names. */
    static String modes(VmOverview vm) {
        Optional<List<MigMode>> modes = vm.modes();
        if (modes.isEmpty()) {
            return NOBODY_KNOWS;
        }
        String names = modes.get().stream()
                .map(mode -> mode.qapiName().replace("cpr-", ""))
                .collect(Collectors.joining(","));
        return names.isEmpty() ? "none" : names;
    }

    /** How long ago the last update was. */
    static String updated(VmOverview vm, Instant now) {
        return vm.lastUpdate()
                .map(when -> Words.age(Duration.between(when, now)) + " ago")
                .orElse("never");
    }
}
