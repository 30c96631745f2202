"""transport/_kernels"""
