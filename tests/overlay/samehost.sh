#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=300
#
# Containers of one host reach each other without its bridge; policy and counters are as on the wire.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/overlay.sh

# What the bridge forwards; the device counters of a veth pair move on both paths.
count_bridge()
{
	ov_nft hostA <<-END
		table bridge c { chain f {
			type filter hook forward priority 10;
			ip protocol tcp counter
		}; }
	END
}

bridge_bytes()
{
	ip netns exec hostA nft list table bridge c | sed -n 's/.*bytes \([0-9]*\).*/\1/p'
}

# bridge quiet|busy: the bridge carries less than a tenth of a transfer, or all of it
bridge()
{
	local before after

	before=$(bridge_bytes)
	t open bridge cA1 cA2 && t xfer bridge bytes=1M && t close bridge || return
	after=$(bridge_bytes)
	echo "the bridge carried $((after - before)) bytes"
	case $1 in
	quiet) ((after - before < 100000)) ;;
	busy) ((after - before >= 1000000)) ;;
	esac
}

ov_begin
ov_hosts 1
ov_container hostA cA2 10.88.0.11
ov_container hostA cA3 10.88.0.12
check "containers reach each other by the bridge" ov_warm
check "what the bridge forwards is counted" count_bridge
check "it carries what is not managed" bridge busy
ov_up

check_module "a transfer does without the bridge" bridge quiet
check "and the other way" t carry cA2 cA1 local bytes=1M
check_fails "a byte that is spoiled is found" "sha256 differs" t carry cA1 cA2 local bytes=10K flip=1
check "many connections at once" t many cA1,cA2 cA3 n=40 bytes=4K
check_fails "a port without a listener refuses" "^ECONNREFUSED" t connect refused cA1 10.88.0.11 999
check "a connection" t open live cA1 cA2
check "is known from its client's end" t path live hostA path=local state=open role=client
check "and from its server's" t path live hostA side=s path=local state=open role=server
check "and carries data" t xfer live bytes=100K

cut=$(t stat hostA conn_cut)
check_module "policy denies it" "$ASHLAR" -n hostA policy add 88 pref 10 action deny dst 10.88.0.11
check_module "its client is reset" t error live c ECONNRESET
check_module "and its server" t error live s ECONNRESET
check_module "and counted" ov_grew hostA conn_cut "${cut:-0}"
t close live
check_module_fails "a new one is refused" "ECONNREFUSED" t open live cA1 cA2
check "others are not touched" t carry cA1 cA3 local bytes=10K
check_module "policy allows it again" "$ASHLAR" -n hostA policy flush 88
check "and it connects" t carry cA1 cA2 local bytes=10K
check "all conns have ended" t conns hostA 0 timeout=30
ov_end
