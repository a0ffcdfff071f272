"""Encrypted transport (CurveZMQ, jupyter_client >= 8.9) and what front ends ask beside the protocol: usage."""

import os
import socket

import harness
import zmq
from jupyter_client.manager import KernelManager


class Encrypted(harness.KernelCase):
    @classmethod
    def setUpClass(cls):
        # The harness's own start, with a manager that insists.
        original = harness.KernelManager
        harness.KernelManager = lambda **options: KernelManager(transport_encryption="required", **options)
        try:
            super().setUpClass()
        finally:
            harness.KernelManager = original

    def test_encrypted(self):
        """transport_encryption='required': every channel works, heartbeat and stdin as well"""
        self.assertIsNotNone(self.manager.curve_publickey)
        self.assertEqual(self.value_of("const n: number = 41; n + 1"), "42")
        answer = self.run_cell("prompt('name?')", stdin=lambda message: self.client.input("Ada"))
        self.assertEqual(answer.result, "'Ada'")
        self.client.hb_channel.unpause()
        self.assertTrue(self.client.hb_channel.is_beating())

    def test_plain_client(self):
        """a client without the keys gets no answer"""
        context = zmq.Context()
        dealer = context.socket(zmq.DEALER)
        dealer.linger = 0
        dealer.connect(f"tcp://{self.manager.ip}:{self.manager.shell_port}")
        session = self.client.session
        session.send(dealer, "kernel_info_request", {})
        self.assertEqual(dealer.poll(1500), 0)
        dealer.close()
        context.term()
        self.assertEqual(self.value_of("1 + 1"), "2")


class Plain(harness.KernelCase):
    def test_unencrypted(self):
        """without being asked nothing is encrypted, and any client of the protocol can talk"""
        self.assertIsNone(self.manager.curve_publickey)
        self.assertEqual(self.value_of("1 + 1"), "2")

    def control_reply(self, kind):
        message = self.client.session.msg(kind, {})
        self.client.control_channel.send(message)
        while True:
            reply = self.client.get_control_msg(timeout=20)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply

    def test_usage(self):
        """usage_request: the memory and processors of the kernel and all that it started"""
        first = self.control_reply("usage_request")
        self.assertEqual(first["msg_type"], "usage_reply")
        content = first["content"]
        self.assertEqual(content["hostname"], socket.gethostname())
        self.assertEqual(content["pid"], self.manager.provisioner.process.pid)
        self.assertEqual(content["cpu_count"], os.cpu_count())
        self.ok("const held = Buffer.alloc(300e6, 1); let x = 0; for (let i = 0; i < 3e8; i++) x += i; held.length")
        second = self.control_reply("usage_request")["content"]
        self.assertGreater(second["kernel_memory"] - content["kernel_memory"], 200e6)
        self.assertGreater(second["kernel_cpu"], 1)
        memory = second["host_virtual_memory"]
        self.assertGreater(memory["total"], memory["used"])
        self.assertTrue(0 <= memory["percent"] <= 100)
