"""Imports every module that declares layers, once."""

from __future__ import annotations

import archlint.layers.keras.attention
import archlint.layers.keras.cells
import archlint.layers.keras.conv
import archlint.layers.keras.conv_lstm
import archlint.layers.keras.dense
import archlint.layers.keras.elementwise
import archlint.layers.keras.merge
import archlint.layers.keras.norm
import archlint.layers.keras.ops_elementwise
import archlint.layers.keras.ops_math
import archlint.layers.keras.ops_shape
import archlint.layers.keras.pool
import archlint.layers.keras.preprocessing
import archlint.layers.keras.recurrent
import archlint.layers.keras.reshape
import archlint.layers.keras.separable
import archlint.layers.keras.space
import archlint.layers.keras.wrappers
import archlint.layers.tf.arrays
import archlint.layers.tf.cells
import archlint.layers.tf.choose
import archlint.layers.tf.create
import archlint.layers.tf.image
import archlint.layers.tf.layers
import archlint.layers.tf.losses
import archlint.layers.tf.maths
import archlint.layers.tf.nn
import archlint.layers.tf.nn_conv
import archlint.layers.tf.nn_pool
import archlint.layers.tf.objects
import archlint.layers.tf.shapes
import archlint.layers.tf.slim
import archlint.layers.tf.slim_conv
import archlint.layers.tf.slim_norm
import archlint.layers.tf.slim_special
import archlint.layers.torch.activation
import archlint.layers.torch.attention
import archlint.layers.torch.conv
import archlint.layers.torch.create
import archlint.layers.torch.dense
import archlint.layers.torch.distance
import archlint.layers.torch.dropout
import archlint.layers.torch.elementwise
import archlint.layers.torch.embedding
import archlint.layers.torch.linalg
import archlint.layers.torch.loss
import archlint.layers.torch.norm
import archlint.layers.torch.parts
import archlint.layers.torch.pool
import archlint.layers.torch.recurrent
import archlint.layers.torch.reduce
import archlint.layers.torch.reshape
import archlint.layers.torch.signal
import archlint.layers.torch.space  # noqa: F401
