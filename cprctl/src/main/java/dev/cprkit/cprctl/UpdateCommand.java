package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.agent.update.Cancellation;
import dev.cprkit.agent.update.LiveUpdate;
import dev.cprkit.agent.update.UpdateRequest;
import dev.cprkit.agent.update.UpdateResult;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code cprctl update}. */
@Command(
        name = "update",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Starts a new process for the VM, moves the guest into it, and ends the old process.",
            "",
            "The new process has the old one's options, with socket paths of its own: /run/vm.qmp becomes"
                    + " /run/vm.g1.qmp, then g2 and so on. When the old process has ended, the path without a number"
                    + " leads to the newest.",
            "",
            "If anything goes wrong before the guest is in the new process, it stays in the old one, and the new one"
                    + " is ended. Ctrl-C does the same.",
            ""
        },
        optionListHeading = "%nOptions:%n")
final class UpdateCommand implements Callable<Integer> {
    /** Longer than backing out can take. */
    private static final long BACK_OUT_SECONDS = 60;

    @Spec
    private CommandSpec spec;

    @Mixin
    private QmpOption vm;

    @Mixin
    private UpdateOptions options;

    @Override
    public Integer call() {
        UpdateRequest request = options.request(spec, vm.qmp);
        UpdateOutput output = UpdateOutput.of(
                vm.json, spec.commandLine().getOut(), spec.commandLine().getErr());
        Cancellation cancellation = new Cancellation();
        CountDownLatch finished = new CountDownLatch(1);
        Thread hook = Thread.ofPlatform().name("back out").unstarted(() -> {
            cancellation.request();
            awaitFinish(finished);
        });
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            UpdateResult result = new LiveUpdate(request, new LinuxHost(), output, cancellation).run();
            output.ended(result);
            return result.status().number();
        } finally {
            finished.countDown();
            removeHook(hook);
        }
    }

    private static void awaitFinish(CountDownLatch finished) {
        try {
            if (!finished.await(BACK_OUT_SECONDS, TimeUnit.SECONDS)) {
                Runtime.getRuntime().halt(ExitStatus.ATTENTION.number());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is going down already: the hook runs, and finds that we have finished.
        }
    }
}
