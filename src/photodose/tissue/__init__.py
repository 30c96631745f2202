"""tissue"""
