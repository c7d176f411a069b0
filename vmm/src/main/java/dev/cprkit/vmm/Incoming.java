package dev.cprkit.vmm;

import dev.cprkit.proto.qapi.MigrationChannel;
import dev.cprkit.proto.qapi.MigrationChannelType;
import dev.cprkit.vmm.cpr.CprException;
import dev.cprkit.vmm.cpr.CprListener;
import dev.cprkit.vmm.machine.Machine;
import dev.cprkit.vmm.machine.VirtualMachine.CannotResume;
import dev.cprkit.vmm.machine.config.GlobalProperty;
import dev.cprkit.vmm.machine.config.IncomingConfig;
import dev.cprkit.vmm.machine.config.MachineConfig;
import dev.cprkit.vmm.memory.CprDescriptors;
import dev.cprkit.vmm.migration.Migration;
import dev.cprkit.vmm.migration.MigrationConfig;
import dev.cprkit.vmm.monitor.qmp.QmpError;
