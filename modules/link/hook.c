// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames in and out. They are bound to the link's own device, below a bond or
 * bridge that it may belong to: what goes to a link-local address is handed to
 * the device itself, and queued there, too.
 */
#include <linux/etherdevice.h>
#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>

#include "link.h"

static const u8 hook_addr[ETH_ALEN] __aligned(2) = {
	0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e
};

/* RCU. Others may have the skb as well, so it is only read. */
static int hook_receive(struct sk_buff *skb, struct net_device *dev,
			struct packet_type *pt, struct net_device *orig_dev)
{
	struct ln_link *link = pt->af_packet_priv;
	u8 buf[LN_BEAT_MAX_LEN];
	const u8 *frame;
	size_t len;

	if (!ether_addr_equal(eth_hdr(skb)->h_dest, hook_addr)) {
		kfree_skb(skb);
		return NET_RX_DROP;
	}
	len = min_t(size_t, skb->len, sizeof(buf));
	frame = skb_header_pointer(skb, 0, len, buf);
	if (frame)
		ln_peer_receive(link, frame, len);
	consume_skb(skb);
	return NET_RX_SUCCESS;
}

/**
 * ln_hook_open() - frames of the link's device reach the link from here on
 * @link: it
 *
 * Context: rtnl
 * Return: 0, or -ENOMEM, and then ln_hook_close() does nothing
 */
int ln_hook_open(struct ln_link *link)
{
	int err;

	ASSERT_RTNL();
	err = dev_mc_add(link->dev, hook_addr);
	if (err)
		return err;
	link->packet = (struct packet_type){
		.type = htons(LN_BEAT_ETHERTYPE),
		.dev = link->dev,
		.func = hook_receive,
		.af_packet_priv = link,
	};
	dev_add_pack(&link->packet);
	return 0;
}

void ln_hook_close(struct ln_link *link)
{
	ASSERT_RTNL();
	if (!link->packet.func)
		return;
	dev_remove_pack(&link->packet);
	link->packet.func = NULL;
	dev_mc_del(link->dev, hook_addr);
}

/*
 * One transmit queue for all: numbers that left in order arrive in order, or
 * those that are only late would be taken for lost.
 */
static void one_queue(struct sk_buff *skb)
{
	skb->priority = TC_PRIO_CONTROL;
	skb_record_rx_queue(skb, 0);
#ifdef CONFIG_XPS
	skb->sender_cpu = 1;	/* the first CPU, plus 1 */
#endif
}

static struct sk_buff *frame_skb(struct net_device *dev, const u8 *frame,
				 size_t len, size_t size)
{
	unsigned int head = LL_RESERVED_SPACE(dev);
	struct sk_buff *skb;

	skb = alloc_skb(head + size + dev->needed_tailroom,
			GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, head);
	skb_reset_network_header(skb);
	skb_put_data(skb, frame, len);
	skb_put_zero(skb, size - len);
	skb->dev = dev;
	skb->protocol = htons(LN_BEAT_ETHERTYPE);
	one_queue(skb);
	if (dev_hard_header(skb, dev, LN_BEAT_ETHERTYPE, hook_addr,
			    dev->dev_addr, size) < 0) {
		kfree_skb(skb);
		return NULL;
	}
	return skb;
}

static int frame_send(struct net_device *dev, const u8 *frame, size_t len,
		      size_t pad_to)
{
	size_t size = max_t(size_t, len, ETH_ZLEN - ETH_HLEN);
	size_t mtu = READ_ONCE(dev->mtu);
	struct sk_buff *skb;
	int err;

	if (!netif_running(dev) || !netif_device_present(dev) ||
	    !netif_carrier_ok(dev))
		return -ENETDOWN;
	if (len > mtu)
		return -EMSGSIZE;
	size = max(size, min(pad_to, mtu));
	skb = frame_skb(dev, frame, len, size);
	if (!skb)
		return -ENOBUFS;
	err = dev_queue_xmit(skb);
	return err > 0 && err != NET_XMIT_CN ? -ENOBUFS : err;
}

/**
 * ln_hook_send() - sends a frame from the link's own device
 * @link: it
 * @frame: what follows the Ethernet header
 * @len: of @frame
 * @pad_to: zeroes follow up to this length, or up to the device's MTU
 *
 * Context: any but hard interrupts
 * Return: 0; or an error, and then the frame did not leave; or NET_XMIT_CN: it or
 *	another one of the device's queue was dropped, as all are between the
 *	carrier's return and the queue's
 */
int ln_hook_send(struct ln_link *link, const u8 *frame, size_t len,
		 size_t pad_to)
{
	int err = frame_send(link->dev, frame, len, pad_to);

	if (err < 0)
		ln_count(link->host, BEAT_TX_FAILED);
	return err;
}
