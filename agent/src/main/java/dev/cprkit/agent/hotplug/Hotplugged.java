package dev.cprkit.agent.hotplug;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.argv.QemuOption;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.proto.client.QmpException;
import java.util.ArrayList;
import java.util.List;

/**
 * What was added to a VM since it was started, as the commands that add it to another process of the same command line.
 *
 * <p>A new process has a machine of its command line only, and refuses the state of a device that it does not have
 * (reference/qemu-cpr.md, sections 10.2 and 11). What was plugged in is seen in the object model: a device has the
 * property {@code hotplugged}, and every property that was set, or came to be, is set to its value. A new process that
 * waits with {@code -incoming defer} takes these commands before it is told where the guest comes from. The order is
 * objects, disks, networks, devices, because each is named by the next.
 *
 * @param commands in the order in which they must be given
 * @param findings what cannot be added in the same way: it refuses an update
 */
public record Hotplugged(List<PlugCommand> commands, List<Finding> findings) {
    public Hotplugged {
        commands = List.copyOf(commands);
        findings = List.copyOf(findings);
    }

    /**
     * Looks at a VM; changes nothing.
     *
     * @param arguments of its command line: what is named there is not hot-plugged
     */
    public static Hotplugged of(Qmp vm, List<String> arguments) throws QmpException {
        Survey survey = new Survey(vm, arguments);
        HotpluggedObjects.find(survey);
        HotpluggedDisks.find(survey);
        HotpluggedNetworks.find(survey);
        HotpluggedDevices.find(survey);
        return new Hotplugged(survey.commands, survey.findings);
    }

    /**
     * Adds everything to a process that waits for the guest.
     *
     * @throws QmpException if one is refused; those before it are there then
     */
    public void addTo(Qmp vm) throws QmpException {
        for (PlugCommand command : commands) {
            var ignored = vm.execute(command.command(), command.arguments());
        }
    }

    /** What of it another process has not; {@code there} is what that one has. */
    public Hotplugged without(Hotplugged there) {
        List<String> subjects =
                there.commands().stream().map(PlugCommand::subject).toList();
        return new Hotplugged(
                commands.stream()
                        .filter(command -> !subjects.contains(command.subject()))
                        .toList(),
                findings);
    }

    /** What is being found out. */
    static final class Survey {
        final Qmp vm;
        private final List<String> arguments;
        private final List<PlugCommand> commands = new ArrayList<>();
        private final List<Finding> findings = new ArrayList<>();

        private Survey(Qmp vm, List<String> arguments) {
            this.vm = vm;
            this.arguments = arguments;
        }

        /** Whether the command line has something of that id. */
        boolean isNamed(String id) {
            return QemuOption.isNamed(arguments, id);
        }

        void add(String subject, String command, ObjectNode arguments) {
            commands.add(new PlugCommand(subject, command, arguments));
        }

        /** Something that the new process cannot be given. */
        void refuse(String subject, String why) {
            findings.add(new Finding(
                    Finding.Code.NOT_ON_COMMAND_LINE,
                    subject,
                    "it was added while the VM ran, and " + why + ", so the new process would be another machine",
                    "remove it first, or restart the VM with it on the command line"));
        }

        static ObjectNode object() {
            return JsonNodeFactory.instance.objectNode();
        }
    }
}
